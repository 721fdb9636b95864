#include "data/gdal/readers.hpp"

#include <cpl_string.h>
#include <ogr_recordbatch.h>
#include <ogrsf_frmts.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

namespace diaban::data::gdal {
namespace {

/// One column of a record batch, by the type letters of the Arrow C data interface.
class Column {
public:
    Column(ArrowArray const& array, char form) : m_array{array}, m_form{form} {}

    [[nodiscard]] bool null(std::int64_t row) const noexcept {
        auto const* bits = static_cast<std::uint8_t const*>(m_array.buffers[0]);
        auto const at = static_cast<std::size_t>(row + m_array.offset);
        return bits != nullptr && ((bits[at / 8] >> (at % 8)) & 1U) == 0;
    }

    /// The value of a row that is not null.
    [[nodiscard]] geo::ValueView value(std::int64_t row) const noexcept {
        auto const at = static_cast<std::size_t>(row + m_array.offset);
        switch (m_form) {
        case 'b': {
            auto const* bits = static_cast<std::uint8_t const*>(m_array.buffers[1]);
            return ((bits[at / 8] >> (at % 8)) & 1U) != 0;
        }
        case 's': return std::int64_t{plain<std::int16_t>(at)};
        case 'i': return std::int64_t{plain<std::int32_t>(at)};
        case 'l': return plain<std::int64_t>(at);
        case 'f': return double{plain<float>(at)};
        case 'g': return plain<double>(at);
        case 't': return geo::Date{plain<std::int32_t>(at)};
        default: {
            auto const bytes = span(at);
            return std::string_view{reinterpret_cast<char const*>(bytes.data()), bytes.size()};
        }
        }
    }

    /// The bytes of a text or binary value.
    [[nodiscard]] std::span<std::byte const> bytes(std::int64_t row) const noexcept {
        return span(static_cast<std::size_t>(row + m_array.offset));
    }

private:
    template <typename T>
    [[nodiscard]] T plain(std::size_t at) const noexcept {
        return static_cast<T const*>(m_array.buffers[1])[at];
    }

    template <typename Offset>
    [[nodiscard]] std::span<std::byte const> span_by(std::size_t at) const noexcept {
        auto const* ends = static_cast<Offset const*>(m_array.buffers[1]);
        auto const* data = static_cast<std::byte const*>(m_array.buffers[2]);
        return {data + ends[at], static_cast<std::size_t>(ends[at + 1] - ends[at])};
    }

    [[nodiscard]] std::span<std::byte const> span(std::size_t at) const noexcept {
        return m_form == 'U' || m_form == 'Z' ? span_by<std::int64_t>(at)
                                              : span_by<std::int32_t>(at);
    }

    ArrowArray const& m_array;
    char m_form;
};

/// The letter Column knows for an Arrow format; 0 for one it does not.
char known_form(std::string_view format) {
    if (format == "tdD") return 't';
    constexpr std::string_view plain = "bsilfguUzZ";
    return format.size() == 1 && plain.find(format[0]) != std::string_view::npos ? format[0] : '\0';
}

class ArrowReader final : public Reader {
public:
    ArrowReader(Reading const& reading, ArrowArrayStream stream)
        : m_stream{stream}, m_order(reading.fields.size()) {
        // Children come as: id, the fields in the layer's order, the geometry.
        std::vector<std::size_t> sorted(reading.fields.size());
        std::iota(sorted.begin(), sorted.end(), std::size_t{0});
        std::ranges::sort(sorted, {}, [&](std::size_t i) { return reading.fields[i]; });
        for (std::size_t child = 0; child < sorted.size(); ++child)
            m_order[sorted[child]] = child + 1;
    }
    ~ArrowReader() override {
        if (m_stream.release) m_stream.release(&m_stream);
    }

    /// Whether every column is of a form that Column knows.
    bool understand(bool has_geometry) {
        ArrowSchema schema{};
        if (m_stream.get_schema(&m_stream, &schema) != 0) return false;
        for (std::int64_t i = 0; i < schema.n_children; ++i)
            m_forms.push_back(known_form(schema.children[i]->format));
        schema.release(&schema);
        m_geometry = has_geometry;
        return m_forms.size() == m_order.size() + 1 + (has_geometry ? 1 : 0) &&
               m_forms.front() == 'l' && std::ranges::find(m_forms, '\0') == m_forms.end();
    }

    bool read(RowBatch& into) override {
        into.start(m_order.size());
        auto* array = new ArrowArray{};
        auto const outcome = m_stream.get_next(&m_stream, array);
        into.borrow([array] {
            if (array->release) array->release(array);
            delete array;
        });
        if (outcome != 0 || array->release == nullptr) {
            into.clear();
            return false;
        }
        fill(into, *array);
        return into.size() > 0 || read(into);
    }

private:
    void fill(RowBatch& batch, ArrowArray const& array) const {
        std::vector<Column> columns;
        columns.reserve(m_forms.size());
        for (std::size_t i = 0; i < m_forms.size(); ++i)
            columns.emplace_back(*array.children[i], m_forms[i]);
        for (std::int64_t row = 0; row < array.length; ++row) {
            batch.add_row({.number = std::get<std::int64_t>(columns.front().value(row)),
                           .wkb = {},
                           .fault = {}});
            if (m_geometry && !columns.back().null(row)) {
                auto const wkb = columns.back().bytes(row);
                if (is_plain_wkb(wkb))
                    batch.last_row().wkb = wkb;
                else
                    unusual(batch, wkb);
            }
            for (std::size_t const child : m_order)
                batch.add_value(columns[child].null(row) ? geo::ValueView{}
                                                         : columns[child].value(row));
        }
    }

    static void unusual(RowBatch& batch, std::span<std::byte const> wkb) {
        auto changed = batch.last_row();
        keep_unusual_wkb(batch, changed, wkb);
        batch.last_row() = changed;
    }

    ArrowArrayStream m_stream;
    std::vector<std::size_t> m_order; // child of each selected field
    std::vector<char> m_forms;        // of each child
    bool m_geometry = false;
};

bool fit_for_arrow(OGRFieldDefn const& field) {
    switch (field.GetType()) {
    case OFTInteger:
    case OFTInteger64:
    case OFTReal:
    case OFTString:
    case OFTDate: return true;
    default: return false;
    }
}

} // namespace

std::unique_ptr<Reader> arrow_reader(Reading const& reading) {
    auto& layer = *reading.layer;
    if (reading.interleaved || reading.swap_axes || !reading.encoding.empty() || reading.x >= 0 ||
        reading.wkt >= 0 || !layer.TestCapability(OLCFastGetArrowStream))
        return nullptr;
    auto& definition = *layer.GetLayerDefn();
    for (int const field : reading.fields)
        if (!fit_for_arrow(*definition.GetFieldDefn(field))) return nullptr;
    CPLStringList options;
    options.SetNameValue("MAX_FEATURES_IN_BATCH", std::to_string(batch_rows).c_str());
    ArrowArrayStream stream{};
    if (!layer.GetArrowStream(&stream, options.List())) return nullptr;
    auto reader = std::make_unique<ArrowReader>(reading, stream);
    if (!reader->understand(definition.GetGeomFieldCount() > 0)) return nullptr;
    return reader;
}

} // namespace diaban::data::gdal
