#include "tiles/mvt.hpp"

#include "geo/codec/rfc3339.hpp"
#include "tiles/cut.hpp"

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <functional>
#include <iterator>
#include <utility>
#include <variant>

namespace diaban::tiles::mvt {
namespace {

constexpr std::uint32_t absent = UINT32_MAX;
constexpr std::uint32_t version = 2;
constexpr std::uint32_t golden = 2654435769U; // 2^32 / φ (Knuth, TAOCP 3, §6.4)

// Field numbers of vector_tile.proto.
constexpr protozero::pbf_tag_type tile_layer = 3;
constexpr protozero::pbf_tag_type layer_version = 15;
constexpr protozero::pbf_tag_type layer_name = 1;
constexpr protozero::pbf_tag_type layer_feature = 2;
constexpr protozero::pbf_tag_type layer_key = 3;
constexpr protozero::pbf_tag_type layer_value = 4;
constexpr protozero::pbf_tag_type layer_extent = 5;
constexpr protozero::pbf_tag_type value_string = 1;
constexpr protozero::pbf_tag_type value_double = 3;
constexpr protozero::pbf_tag_type value_int = 4;
constexpr protozero::pbf_tag_type value_bool = 7;

// Keys of a feature's fields: (number << 3) | wire type.
constexpr char feature_id = 1 << 3;
constexpr char feature_tags = (2 << 3) | 2;
constexpr char feature_type = 3 << 3;
constexpr char feature_geometry = (4 << 3) | 2;

constexpr std::uint32_t command(std::uint32_t id, std::size_t count) noexcept {
    return id | (std::uint32_t(count) << 3);
}
constexpr std::uint32_t move_to = 1;
constexpr std::uint32_t line_to = 2;
constexpr std::uint32_t close_path = 7;

inline char* put(char* out, std::unsigned_integral auto value) noexcept {
    while (value >= 0x80U) {
        *out++ = char((value & 0x7FU) | 0x80U);
        value >>= 7U;
    }
    *out++ = char(value);
    return out;
}

inline std::size_t varint_size(std::uint64_t value) noexcept {
    return std::size_t(protozero::length_of_varint(value));
}

inline char* put_delta(char* out, std::int32_t delta) noexcept {
    return put(out, (std::uint32_t(delta) << 1U) ^ std::uint32_t(delta >> 31));
}

inline char* put_point(char* out, GridPoint p, GridPoint& cursor) noexcept {
    out = put_delta(out, p.x - cursor.x);
    out = put_delta(out, p.y - cursor.y);
    cursor = p;
    return out;
}

inline std::uint32_t zigzag(std::uint32_t delta) noexcept {
    return (delta << 1U) ^ std::uint32_t(std::int32_t(delta) >> 31);
}

/// The steps from point to point of a path, in tile units, x and y in turn. The tile's origin
/// cancels out of a step. `steps` holds 2 (n - 1) numbers; gives all their bits together.
inline std::uint32_t steps_of(std::span<GridPoint const> path, Rounding rounding,
                              std::uint32_t* steps) noexcept {
    auto const unit = [&](std::int32_t v) {
        return (std::uint32_t(v) + rounding.half) >> rounding.shift;
    };
    std::uint32_t bits = 0;
    for (std::size_t i = 1; i < path.size(); ++i) {
        auto const x = zigzag(unit(path[i].x) - unit(path[i - 1].x));
        auto const y = zigzag(unit(path[i].y) - unit(path[i - 1].y));
        steps[2 * i - 2] = x;
        steps[2 * i - 1] = y;
        bits |= x | y;
    }
    return bits;
}

/// The steps of a path of two points or more. Most are of one byte each: those of a batch are then
/// written without a question asked.
inline char* put_steps(char* out, std::span<GridPoint const> path, Rounding rounding) noexcept {
    constexpr std::size_t batch = 64;
    std::array<std::uint32_t, 2 * batch> steps;
    for (std::size_t first = 0; first + 1 < path.size(); first += batch) {
        auto const some = path.subspan(first, std::min(batch + 1, path.size() - first));
        auto const count = 2 * (some.size() - 1);
        if (steps_of(some, rounding, steps.data()) < 0x80U) {
            for (std::size_t i = 0; i < count; ++i) out[i] = char(steps[i]);
            out += count;
        } else {
            for (std::size_t i = 0; i < count; ++i) out = put(out, steps[i]);
        }
    }
    return out;
}

/// A path of at least two points; `unit` turns a stored point into a tile point.
template <typename Unit>
inline char* put_path(char* out, std::span<GridPoint const> path, GridPoint& cursor,
                      Rounding rounding, Unit unit) {
    out = put(out, command(move_to, 1));
    out = put_point(out, unit(path.front()), cursor);
    out = put(out, command(line_to, path.size() - 1));
    out = put_steps(out, path, rounding);
    cursor = unit(path.back());
    return out;
}

void append_varint(std::string& out, std::uint64_t value) {
    protozero::write_varint(std::back_inserter(out), value);
}

} // namespace

std::string encode_value(geo::ValueView const& value) {
    std::string body;
    protozero::pbf_writer message{body};
    if (std::holds_alternative<std::monostate>(value)) return {};
    if (auto const* flag = std::get_if<bool>(&value)) message.add_bool(value_bool, *flag);
    if (auto const* number = std::get_if<std::int64_t>(&value))
        message.add_int64(value_int, *number);
    if (auto const* number = std::get_if<double>(&value)) message.add_double(value_double, *number);
    if (auto const* text = std::get_if<std::string_view>(&value))
        message.add_string(value_string, text->data(), text->size());
    std::string written;
    if (auto const* date = std::get_if<geo::Date>(&value)) geo::codec::append_date(written, *date);
    if (auto const* instant = std::get_if<geo::Instant>(&value))
        geo::codec::append_instant(written, *instant);
    if (!written.empty()) message.add_string(value_string, written);
    std::string encoded;
    protozero::pbf_writer{encoded}.add_message(layer_value, body);
    return encoded;
}

geo::ValueView decode_value(std::string_view encoded, geo::FieldType type) {
    protozero::pbf_reader outer{encoded.data(), encoded.size()};
    if (!outer.next(layer_value)) return {};
    auto body = outer.get_message();
    if (!body.next()) return {};
    switch (body.tag()) {
    case value_bool: return body.get_bool();
    case value_int: return body.get_int64();
    case value_double: return body.get_double();
    case value_string: break;
    default: return {};
    }
    auto const view = body.get_view();
    std::string_view const text{view.data(), view.size()};
    if (type == geo::FieldType::date) {
        auto const date = geo::codec::read_date(text);
        return date ? geo::ValueView{*date} : geo::ValueView{};
    }
    if (type == geo::FieldType::timestamp) {
        auto const instant = geo::codec::read_instant(text);
        return instant ? geo::ValueView{*instant} : geo::ValueView{};
    }
    return text;
}

char* Geometry::reserve(std::size_t points) {
    constexpr std::size_t bytes_a_point = 10; // two varints of 32 bits
    constexpr std::size_t commands = 16;
    return m_bytes.reserve(points * bytes_a_point + commands);
}

void Geometry::clear() noexcept {
    m_bytes.clear();
    m_cursor = {};
}

void Geometry::points(std::span<GridPoint const> points) {
    char* out = reserve(points.size());
    out = put(out, command(move_to, points.size()));
    for (auto const p : points) out = put_point(out, p, m_cursor);
    m_bytes.end_at(out);
}

void Geometry::line(std::span<GridPoint const> line) {
    m_bytes.end_at(put_path(reserve(line.size()), line, m_cursor, {}, std::identity{}));
}

void Geometry::line(std::span<GridPoint const> line, TileFrame const& frame) {
    m_bytes.end_at(put_path(reserve(line.size()), line, m_cursor, frame.rounding(),
                            [&](GridPoint p) { return frame.unit(p); }));
}

void Geometry::ring(std::span<GridPoint const> ring) {
    char* out = put_path(reserve(ring.size()), ring, m_cursor, {}, std::identity{});
    out = put(out, command(close_path, 1));
    m_bytes.end_at(out);
}

void Geometry::ring(std::span<GridPoint const> ring, TileFrame const& frame) {
    char* out = put_path(reserve(ring.size()), ring, m_cursor, frame.rounding(),
                         [&](GridPoint p) { return frame.unit(p); });
    out = put(out, command(close_path, 1));
    m_bytes.end_at(out);
}

void LayerWriter::begin(std::string_view name, std::span<Texts const> sources) {
    m_name = name;
    m_sources = sources;
    m_first_values.assign(1, 0);
    for (auto const& source : sources)
        m_first_values.push_back(m_first_values.back() + std::uint32_t(source.size()));
    m_places.clear();
    m_features.clear();
    m_features_count = 0;
    m_keys.clear();
    m_columns.clear();
    m_used_values.clear();
    m_slots_used = 0;
    if (++m_epoch == 0) {
        m_slots.assign(m_slots.size(), {});
        m_epoch = 1;
    }
}

void LayerWriter::tag(std::uint32_t column, std::string_view name, std::uint32_t source,
                      std::uint32_t value) {
    value += m_first_values[source];
    if (column >= m_columns.size()) m_columns.resize(column + 1, {absent, absent, absent});
    auto& key = m_columns[column];
    if (key.place == absent) {
        key.place = std::uint32_t(m_keys.size());
        m_keys.emplace_back(name);
    }
    if (key.last_value != value) {
        key.last_value = value;
        key.last_place = place_of(value);
    }
    constexpr std::size_t two_varints = 10;
    m_tags.end_at(put(put(m_tags.reserve(two_varints), key.place), key.last_place));
}

std::uint32_t LayerWriter::place_of(std::uint32_t value) {
    auto const mask = std::uint32_t(m_slots.size() - 1);
    for (std::uint32_t at = (value * golden) & mask;; at = (at + 1) & mask) {
        auto& slot = m_slots[at];
        if (slot.epoch == m_epoch && slot.value == value) return slot.place;
        if (slot.epoch == m_epoch) continue;
        auto const place = new_place(value);
        slot = {m_epoch, value, place};
        if (++m_slots_used * 2 > m_slots.size()) grow_slots();
        return place;
    }
}

std::string_view LayerWriter::text_of(std::uint32_t value) const noexcept {
    std::size_t source = 0;
    while (value >= m_first_values[source + 1]) ++source;
    return m_sources[source][value - m_first_values[source]];
}

/// The place of a value that is met for the first time: a new one, unless another source gave the
/// same value.
std::uint32_t LayerWriter::new_place(std::uint32_t value) {
    auto const next = std::uint32_t(m_used_values.size());
    if (m_sources.size() > 1) {
        auto const [known, is_new] = m_places.try_emplace(text_of(value), next);
        if (!is_new) return known->second;
    }
    m_used_values.push_back(value);
    return next;
}

void LayerWriter::grow_slots() {
    auto const slots = std::exchange(m_slots, std::vector<Slot>(m_slots.size() * 4));
    auto const mask = std::uint32_t(m_slots.size() - 1);
    for (auto const& slot : slots) {
        if (slot.epoch != m_epoch) continue;
        auto at = (slot.value * golden) & mask;
        while (m_slots[at].epoch == m_epoch) at = (at + 1) & mask;
        m_slots[at] = slot;
    }
}

void LayerWriter::end_feature(std::uint64_t id, GeomType type, Geometry const& geometry) {
    auto const tags = m_tags.view();
    auto const commands = geometry.bytes();
    auto const size = (id == 0 ? 0 : 1 + varint_size(id)) +
                      (tags.empty() ? 0 : 1 + varint_size(tags.size()) + tags.size()) + 2 + 1 +
                      varint_size(commands.size()) + commands.size();
    char* out = m_features.reserve(1 + varint_size(size) + size);
    *out++ = char((layer_feature << 3U) | 2U);
    out = put(out, size);
    if (id != 0) {
        *out++ = feature_id;
        out = put(out, id);
    }
    if (!tags.empty()) {
        *out++ = feature_tags;
        out = put(out, tags.size());
        out = std::copy(tags.begin(), tags.end(), out);
    }
    *out++ = feature_type;
    *out++ = char(type);
    *out++ = feature_geometry;
    out = put(out, commands.size());
    out = std::copy(commands.begin(), commands.end(), out);
    m_features.end_at(out);
    ++m_features_count;
}

void LayerWriter::finish(std::string& body) {
    if (m_features_count == 0) return;
    std::string head;
    protozero::pbf_writer writer{head};
    writer.add_uint32(layer_version, version);
    writer.add_string(layer_name, m_name);
    std::string tail;
    protozero::pbf_writer tail_writer{tail};
    for (auto const& key : m_keys) tail_writer.add_string(layer_key, key);
    for (auto const value : m_used_values) tail += text_of(value);
    tail_writer.add_uint32(layer_extent, tile_extent);

    auto const size = head.size() + m_features.size() + tail.size();
    body.reserve(body.size() + size + 8);
    body += char((tile_layer << 3U) | 2U);
    append_varint(body, size);
    body += head;
    body += m_features.view();
    body += tail;
}

} // namespace diaban::tiles::mvt
