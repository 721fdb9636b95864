#include "data/gdal/sheet_cells.hpp"

#include "data/gdal/session.hpp"
#include "geo/error.hpp"

#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal_priv.h>
#include <ogrsf_frmts.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

namespace diaban::data::gdal {

namespace {

using geo::Code;
using geo::Error;

constexpr std::int64_t most_unpacked = 20'000'000;
constexpr std::int64_t most_rows = 10'000;
constexpr int most_columns = 200;

/// A file of GDAL's memory that borrows the bytes.
class Lent {
public:
    explicit Lent(std::string_view bytes) {
        static std::atomic<std::uint64_t> count{0};
        m_name = "/vsimem/form-" + std::to_string(++count) + ".xlsx";
        // Opened for reading alone: what is lent is not written to.
        auto* const data = reinterpret_cast<GByte*>(const_cast<char*>(bytes.data()));
        VSIFCloseL(VSIFileFromMemBuffer(m_name.c_str(), data, bytes.size(), FALSE));
    }
    Lent(Lent const&) = delete;
    Lent& operator=(Lent const&) = delete;
    ~Lent() { VSIUnlink(m_name.c_str()); }
    [[nodiscard]] std::string const& name() const noexcept { return m_name; }

private:
    std::string m_name;
};

/// While it lives, this thread reads sheets without taking a row for a header, and cells as texts.
class AllAsText {
public:
    AllAsText() { set("DISABLE", "STRING"); }
    AllAsText(AllAsText const&) = delete;
    AllAsText& operator=(AllAsText const&) = delete;
    ~AllAsText() { set(nullptr, nullptr); }

private:
    static void set(char const* headers, char const* types) {
        CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS", headers);
        CPLSetThreadLocalConfigOption("OGR_XLSX_FIELD_TYPES", types);
    }
};

[[noreturn]] void refuse_size(std::string accepted) {
    throw Error{Code::too_large, "form-too-large", {{"accepted", std::move(accepted)}}};
}

void check_unpacked(std::string const& name) {
    auto const root = "/vsizip/" + name;
    CPLStringList const entries{VSIReadDirRecursive(root.c_str())};
    std::int64_t sum = 0;
    for (int i = 0; i < entries.size(); ++i) {
        VSIStatBufL status;
        if (VSIStatL((root + "/" + entries[i]).c_str(), &status) == 0) sum += status.st_size;
        if (sum > most_unpacked) refuse_size("20 MB");
    }
    if (entries.empty()) throw Error{Code::bad_input, "form-unreadable"};
}

} // namespace

SheetCells read_sheet(std::string_view bytes) {
    std::vector<std::string> remarks;
    Session const session{remarks};
    Lent const file{bytes};
    check_unpacked(file.name());
    AllAsText const all_as_text; // a layer is read when it is first asked for anything
    std::array<char const*, 2> const drivers{"XLSX", nullptr};
    GDALDatasetUniquePtr const book{
        GDALDataset::Open(file.name().c_str(), GDAL_OF_VECTOR, drivers.data())};
    auto* const layer = book && book->GetLayerCount() > 0 ? book->GetLayer(0) : nullptr;
    if (layer == nullptr) throw Error{Code::bad_input, "form-unreadable", {}, session.failure()};
    auto const columns = layer->GetLayerDefn()->GetFieldCount();
    if (columns > most_columns || layer->GetFeatureCount() > most_rows) refuse_size("10,000 × 200");
    SheetCells cells;
    for (auto const& feature : *layer) {
        // Its number is the row's, counted from one: rows without cells are left out.
        auto const row = std::size_t(std::max<GIntBig>(feature->GetFID(), 1));
        if (row > std::size_t(most_rows)) refuse_size("10,000 × 200");
        cells.resize(std::max(cells.size(), row));
        for (int i = 0; i < columns; ++i) cells[row - 1].emplace_back(feature->GetFieldAsString(i));
    }
    return cells;
}

} // namespace diaban::data::gdal
