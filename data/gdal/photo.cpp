#include "data/gdal/photo.hpp"

#include "data/gdal/session.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

#include <cpl_vsi.h>
#include <gdal_priv.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

namespace diaban::data::gdal {

namespace {

constexpr int longest_side = 20'000; // pixels

struct CloseDataset {
    void operator()(GDALDataset* dataset) const noexcept { GDALClose(dataset); }
};

[[noreturn]] void refuse() {
    throw geo::Error{geo::Code::bad_input, "bad-photo", {{"accepted", "image/jpeg, image/png"}}};
}

/// Bytes as a file that GDAL can open; they outlive it.
class MemoryFile {
public:
    explicit MemoryFile(std::string_view bytes)
        : m_name{"/vsimem/photo-" + std::to_string(reinterpret_cast<std::uintptr_t>(this))} {
        auto* const data =
            reinterpret_cast<GByte*>(const_cast<char*>(bytes.data())); // not written to
        VSIFCloseL(VSIFileFromMemBuffer(m_name.c_str(), data, bytes.size(), FALSE));
    }
    MemoryFile(MemoryFile const&) = delete;
    MemoryFile& operator=(MemoryFile const&) = delete;
    ~MemoryFile() { VSIUnlink(m_name.c_str()); }
    [[nodiscard]] char const* name() const noexcept { return m_name.c_str(); }

private:
    std::string m_name;
};

std::string item(GDALDataset& dataset, char const* name) {
    char const* const text = dataset.GetMetadataItem(name);
    return text == nullptr ? std::string{} : std::string{text};
}

/// `(18) (20) (24.5)`: three numbers.
std::optional<std::array<double, 3>> three(std::string const& text) {
    std::array<double, 3> parts{};
    if (std::sscanf(text.c_str(), "(%lf) (%lf) (%lf)", &parts[0], &parts[1], &parts[2]) != 3)
        return std::nullopt;
    for (double const part : parts)
        if (!std::isfinite(part) || part < 0) return std::nullopt;
    return parts;
}

std::optional<double> degrees(GDALDataset& dataset, char const* name, char const* side,
                              char negative, double most) {
    auto const parts = three(item(dataset, name));
    auto const where = item(dataset, side);
    if (!parts || where.empty()) return std::nullopt;
    double const value = (*parts)[0] + (*parts)[1] / 60 + (*parts)[2] / 3600;
    if (value > most) return std::nullopt;
    return where.front() == negative ? -value : value;
}

std::optional<geo::Position> position_of(GDALDataset& dataset) {
    auto const lat = degrees(dataset, "EXIF_GPSLatitude", "EXIF_GPSLatitudeRef", 'S', 90);
    auto const lon = degrees(dataset, "EXIF_GPSLongitude", "EXIF_GPSLongitudeRef", 'W', 180);
    if (!lat || !lon) return std::nullopt;
    if (*lat == 0 && *lon == 0) return std::nullopt; // what devices write that know no position
    return geo::Position{*lon, *lat};
}

/// `2026:11:27` or `2026:11:27 09:12:00` as a date-time.
std::optional<geo::Instant> instant_of(std::string text, std::string const& clock,
                                       char const* zone) {
    if (text.size() < 10) return std::nullopt;
    text[4] = text[7] = '-';
    return geo::codec::read_instant(text.substr(0, 10) + "T" + clock + zone);
}

std::optional<geo::Instant> time_of(GDALDataset& dataset) {
    auto const day = item(dataset, "EXIF_GPSDateStamp");
    if (auto const parts = three(item(dataset, "EXIF_GPSTimeStamp")); parts && !day.empty()) {
        std::array<char, 16> clock{};
        auto const seconds = static_cast<int>(std::min((*parts)[2], 59.0));
        std::snprintf(clock.data(), clock.size(), "%02d:%02d:%02d",
                      static_cast<int>(std::min((*parts)[0], 99.0)),
                      static_cast<int>(std::min((*parts)[1], 99.0)), seconds);
        if (auto const at = instant_of(day, clock.data(), "Z")) return at;
    }
    auto const clock = item(dataset, "EXIF_DateTimeOriginal");
    if (clock.size() < 19) return std::nullopt;
    return instant_of(clock, clock.substr(11, 8), "+07:00");
}

} // namespace

PhotoHead read_photo(std::string_view bytes) {
    using std::string_view_literals::operator""sv;
    PhotoHead head;
    char const* driver = nullptr;
    if (bytes.starts_with("\xff\xd8\xff"sv)) head.media_type = "image/jpeg", driver = "JPEG";
    if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) head.media_type = "image/png", driver = "PNG";
    if (driver == nullptr) refuse();
    std::vector<std::string> remarks;
    Session const session{remarks};
    MemoryFile const file{bytes};
    std::array<char const*, 2> const drivers{driver, nullptr};
    std::unique_ptr<GDALDataset, CloseDataset> const dataset{GDALDataset::Open(
        file.name(), GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_INTERNAL, drivers.data())};
    if (!dataset) refuse();
    for (int const side : {dataset->GetRasterXSize(), dataset->GetRasterYSize()})
        if (side < 1 || side > longest_side) refuse();
    head.position = position_of(*dataset);
    head.taken_at = time_of(*dataset);
    return head;
}

} // namespace diaban::data::gdal
