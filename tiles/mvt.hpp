#pragma once

#include "geo/feature.hpp"
#include "geo/schema.hpp"
#include "tiles/grid.hpp"
#include "tiles/texts.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace diaban::tiles::mvt {

/// Type of a feature (vector-tile-spec 2.1, §4.3.4).
enum class GeomType : std::uint8_t { unknown = 0, point = 1, linestring = 2, polygon = 3 };

/// A value as the tile's `values` hold it (§4.1, field 4 of a layer, with its tag and length).
/// Dates and instants are RFC 3339 text. A null has no encoding: it gives an empty string.
[[nodiscard]] std::string encode_value(geo::ValueView const& value);
/// What `encode_value` was given: a value of a field of that type. A text is a view of `encoded`;
/// a day of a year that RFC 3339 cannot write (beyond 9999) is null.
/// Not checked: that these bytes come from `encode_value`; others give null, or throw what
/// protozero throws.
[[nodiscard]] geo::ValueView decode_value(std::string_view encoded, geo::FieldType type);

/// Bytes that are appended to and forgotten, in memory that is kept.
class Bytes {
public:
    void clear() noexcept { m_size = 0; }
    /// Room for `count` more bytes, to be written there and then kept by `end_at`.
    char* reserve(std::size_t count) {
        if (m_bytes.size() < m_size + count) m_bytes.resize((m_size + count) * 2);
        return m_bytes.data() + m_size;
    }
    void end_at(char const* end) noexcept { m_size = std::size_t(end - m_bytes.data()); }
    [[nodiscard]] std::size_t size() const noexcept { return m_size; }
    [[nodiscard]] std::string_view view() const noexcept { return {m_bytes.data(), m_size}; }

private:
    std::vector<char> m_bytes; // grown, never shrunk
    std::size_t m_size = 0;
};

/// The commands of one feature's geometry (§4.3), as they are appended to a reused buffer.
///
/// Not checked: that rings are simple and wound right. See tiles/shape.hpp.
class Geometry {
public:
    void clear() noexcept;
    /// All members of a (multi)point.
    void points(std::span<GridPoint const> points);
    /// One line of two points or more.
    void line(std::span<GridPoint const> line);
    /// One open ring of three points or more.
    void ring(std::span<GridPoint const> ring);
    /// As `ring` and `line`, of grid points rounded to the tile on the way. No point may collapse.
    void ring(std::span<GridPoint const> ring, TileFrame const& frame);
    void line(std::span<GridPoint const> line, TileFrame const& frame);

    [[nodiscard]] std::string_view bytes() const noexcept { return m_bytes.view(); }
    [[nodiscard]] bool empty() const noexcept { return m_bytes.size() == 0; }

private:
    char* reserve(std::size_t points);

    Bytes m_bytes;
    GridPoint m_cursor; // §4.3.2: kept across the commands of a feature
};

/// Writes one layer. Keys and values enter the layer when a feature first uses them.
class LayerWriter {
public:
    /// `sources` hold the encoded values that features may point to; they outlive the writer's use
    /// until `finish`. A value that stands in several sources enters the layer once.
    void begin(std::string_view name, std::span<Texts const> sources);

    /// Begins the tags of the next feature.
    void begin_feature() noexcept { m_tags.clear(); }
    /// A tag: the column's number and name, the source of its value and its place there.
    void tag(std::uint32_t column, std::string_view name, std::uint32_t source,
             std::uint32_t value);
    /// Ends the feature. `id` 0: it has none.
    void end_feature(std::uint64_t id, GeomType type, Geometry const& geometry);

    [[nodiscard]] std::size_t features() const noexcept { return m_features_count; }
    /// Appends the layer to `body`; nothing when it holds no feature.
    void finish(std::string& body);

private:
    struct Key {
        std::uint32_t place = 0;      // among the layer's keys; `absent`: not used yet
        std::uint32_t last_value = 0; // rows stand beside their neighbours, which often have the
        std::uint32_t last_place = 0; // same value
    };
    struct Slot {
        std::uint32_t epoch = 0;
        std::uint32_t value = 0;
        std::uint32_t place = 0;
    };

    [[nodiscard]] std::string_view text_of(std::uint32_t value) const noexcept;
    std::uint32_t place_of(std::uint32_t value);
    std::uint32_t new_place(std::uint32_t value);
    void grow_slots();

    std::string m_name;
    std::span<Texts const> m_sources;
    std::vector<std::uint32_t> m_first_values; // by source: the number of its first value
    Bytes m_features;
    std::size_t m_features_count = 0;
    Bytes m_tags;                             // of the feature under way
    std::vector<std::string> m_keys;          // as used
    std::vector<Key> m_columns;               // by column
    std::vector<std::uint32_t> m_used_values; // as used, numbered through the sources
    std::unordered_map<std::string_view, std::uint32_t> m_places; // where sources are several
    std::vector<Slot> m_slots = std::vector<Slot>(64);            // open addressing, a power of two
    std::size_t m_slots_used = 0;
    std::uint32_t m_epoch = 0;
};

} // namespace diaban::tiles::mvt
