#include "data/gdal/readers.hpp"
#include "data/gdal/text.hpp"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal_priv.h>
#include <ogrsf_frmts.h>

#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>

namespace diaban::data::gdal {
namespace {

static_assert(std::endian::native == std::endian::little);

std::int32_t days_from_1970(int year, int month, int day) {
    using namespace std::chrono;
    auto const date = std::chrono::year{year} / month / day;
    return static_cast<std::int32_t>(sys_days{date}.time_since_epoch().count());
}

std::optional<double> number(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

class FeatureReader final : public Reader {
public:
    explicit FeatureReader(Reading reading) : m_reading{std::move(reading)} {}

    bool read(RowBatch& into) override {
        into.start(m_reading.fields.size());
        while (into.size() < batch_rows && into.bytes() < batch_bytes) {
            auto const feature = next();
            if (!feature) break;
            add(into, *feature);
        }
        return into.size() > 0;
    }

private:
    OGRFeatureUniquePtr next() {
        if (!m_reading.interleaved) return OGRFeatureUniquePtr{m_reading.layer->GetNextFeature()};
        for (;;) {
            OGRLayer* of = nullptr;
            OGRFeatureUniquePtr feature{
                m_reading.dataset->GetNextFeature(&of, nullptr, nullptr, nullptr)};
            if (!feature || of == m_reading.layer) return feature;
        }
    }

    void add(RowBatch& batch, OGRFeature& feature) {
        batch.add_row({.number = feature.GetFID(), .wkb = {}, .fault = {}});
        if (m_reading.wkt >= 0)
            read_wkt(batch, feature);
        else if (m_reading.x >= 0)
            read_columns(batch, feature);
        else if (auto* geometry = feature.GetGeometryRef())
            set_geometry(batch, *geometry, m_reading.swap_axes);
        for (int const field : m_reading.fields) batch.add_value(value(batch, feature, field));
    }

    static void set_geometry(RowBatch& batch, OGRGeometry& geometry, bool swap_axes) {
        auto row = batch.last_row();
        keep_geometry(batch, row, geometry, swap_axes);
        batch.last_row() = row;
    }

    void read_wkt(RowBatch& batch, OGRFeature& feature) {
        char const* text = feature.GetFieldAsString(m_reading.wkt);
        if (trimmed(text).empty()) return;
        OGRGeometry* made = nullptr;
        auto const outcome = OGRGeometryFactory::createFromWkt(text, nullptr, &made);
        std::unique_ptr<OGRGeometry> const geometry{made};
        if (outcome != OGRERR_NONE || !geometry)
            batch.last_row().fault = "bad-wkt";
        else
            set_geometry(batch, *geometry, false);
    }

    void read_columns(RowBatch& batch, OGRFeature& feature) {
        std::string const x_text = feature.GetFieldAsString(m_reading.x);
        std::string const y_text = feature.GetFieldAsString(m_reading.y);
        if (trimmed(x_text).empty() && trimmed(y_text).empty()) return;
        auto const x = coordinate(feature, m_reading.x, x_text);
        auto const y = coordinate(feature, m_reading.y, y_text);
        if (!x || !y) {
            batch.last_row().fault = "bad-coordinate";
            return;
        }
        OGRPoint point{*x, *y};
        set_geometry(batch, point, false);
    }

    static std::optional<double> coordinate(OGRFeature& feature, int field,
                                            std::string const& text) {
        auto const type = feature.GetFieldDefnRef(field)->GetType();
        if (type == OFTReal) return feature.GetFieldAsDouble(field);
        return number(text);
    }

    geo::ValueView value(RowBatch& batch, OGRFeature& feature, int field) const {
        if (!feature.IsFieldSetAndNotNull(field)) return std::monostate{};
        auto const* definition = feature.GetFieldDefnRef(field);
        switch (definition->GetType()) {
        case OFTInteger:
            if (definition->GetSubType() == OFSTBoolean)
                return feature.GetFieldAsInteger(field) != 0;
            return std::int64_t{feature.GetFieldAsInteger(field)};
        case OFTInteger64: return std::int64_t{feature.GetFieldAsInteger64(field)};
        case OFTReal: return feature.GetFieldAsDouble(field);
        case OFTDate:
        case OFTDateTime: return time_value(batch, feature, field);
        case OFTString: return recoded(batch, feature.GetFieldAsString(field));
        case OFTBinary: return std::monostate{};
        case OFTTime: return batch.keep(feature.GetFieldAsString(field));
        default: {
            std::unique_ptr<char, decltype(&VSIFree)> const list{
                feature.GetFieldAsSerializedJSon(field), &VSIFree};
            return list ? recoded(batch, list.get()) : std::string_view{};
        }
        }
    }

    std::string_view recoded(RowBatch& batch, char const* raw) const {
        if (m_reading.encoding.empty()) return batch.keep(raw);
        // Decoders of composed code pages (Windows-1258, TCVN) keep the last letter back in case a
        // mark follows, and CPLRecode does not ask for it: a full stop drives it out.
        std::string const stopped = std::string{raw} + '.';
        std::unique_ptr<char, decltype(&VSIFree)> const utf8{
            CPLRecode(stopped.c_str(), m_reading.encoding.c_str(), CPL_ENC_UTF8), &VSIFree};
        std::string_view text = utf8.get();
        if (text.ends_with('.')) text.remove_suffix(1);
        return batch.keep(text);
    }

    static geo::ValueView time_value(RowBatch& batch, OGRFeature& feature, int field) {
        int year = 0;
        int month = 0;
        int day = 0;
        int hour = 0;
        int minute = 0;
        float second = 0;
        int zone = 0;
        feature.GetFieldAsDateTime(field, &year, &month, &day, &hour, &minute, &second, &zone);
        if (feature.GetFieldDefnRef(field)->GetType() == OFTDate)
            return geo::Date{days_from_1970(year, month, day)};
        // GDAL: 0 unknown, 1 local time, 100 UTC, each step a quarter of an hour.
        auto const milliseconds = std::llround(static_cast<double>(second) * 1000.0);
        if (zone <= 1) {
            char const* form = "%04d-%02d-%02dT%02d:%02d:%02d.%03d";
            return batch.keep(CPLSPrintf(form, year, month, day, hour, minute,
                                         static_cast<int>(milliseconds / 1000),
                                         static_cast<int>(milliseconds % 1000)));
        }
        std::int64_t const minutes = std::int64_t{days_from_1970(year, month, day)} * 1440 +
                                     hour * 60 + minute - (zone - 100) * 15;
        return geo::Instant{(minutes * 60'000 + milliseconds) * 1000};
    }

    Reading m_reading;
};

} // namespace

std::unique_ptr<Reader> feature_reader(Reading reading) {
    return std::make_unique<FeatureReader>(std::move(reading));
}

} // namespace diaban::data::gdal
