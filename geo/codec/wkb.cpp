#include "geo/codec/wkb.hpp"

#include "geo/error.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

namespace diaban::geo::codec {

static_assert(sizeof(Position) == 16 && std::is_trivially_copyable_v<Position>);
static_assert(std::endian::native == std::endian::little, "positions are copied as they lie");

namespace {

// Flags of extended WKB (PostGIS: liblwgeom, "EWKB").
constexpr std::uint32_t flag_z = 0x80000000;
constexpr std::uint32_t flag_m = 0x40000000;
constexpr std::uint32_t flag_srid = 0x20000000;

// Types of ISO 13249-3; +1000 Z, +2000 M, +3000 ZM. Multi is the single type + 3.
enum class Type : std::uint32_t { point = 1, line = 2, polygon = 3 };
constexpr std::uint32_t multi_offset = 3;

constexpr std::size_t header_size = 5; // byte order, type: the least a member can take

struct Header {
    Type type = Type::point;
    bool multi = false;
    bool swapped = false;
    unsigned dimensions = 2;
    std::int32_t srid = 0;
};

class Reader {
public:
    explicit Reader(std::span<std::byte const> bytes) : m_bytes{bytes} {}

    [[noreturn]] void fail(char const* reason) const {
        throw Error{
            Code::bad_input, "bad-wkb", {{"reason", reason}, {"offset", std::to_string(m_at)}}};
    }

    [[nodiscard]] std::size_t left() const noexcept { return m_bytes.size() - m_at; }

    Header header() {
        Header header;
        auto const order = std::to_integer<unsigned>(take(1)[0]);
        if (order > 1) fail("byte-order");
        header.swapped = order == 0;
        std::uint32_t code = word(header.swapped);
        bool z = (code & flag_z) != 0;
        bool m = (code & flag_m) != 0;
        bool const with_srid = (code & flag_srid) != 0;
        code &= ~(flag_z | flag_m | flag_srid);
        std::uint32_t const iso = code / 1000;
        if (iso > 3) fail("type");
        z |= (iso & 1) != 0;
        m |= (iso & 2) != 0;
        code %= 1000;
        if (code < 1 || code > 6) fail("type");
        header.multi = code > multi_offset;
        header.type = Type{header.multi ? code - multi_offset : code};
        header.dimensions = 2U + (z ? 1U : 0U) + (m ? 1U : 0U);
        if (with_srid) header.srid = std::bit_cast<std::int32_t>(word(header.swapped));
        return header;
    }

    /// A count of things of which each takes at least `least` bytes: so many must be left.
    std::uint32_t count(bool swapped, std::size_t least) {
        std::uint32_t const n = word(swapped);
        if (n > left() / least) fail("count");
        return n;
    }

    /// Appends `n` positions; `n` was checked by `count`.
    void positions(Header const& header, std::size_t n, std::vector<Position>& into) {
        if (into.size() + n > std::numeric_limits<std::uint32_t>::max()) fail("count");
        auto const bytes = take(n * header.dimensions * sizeof(double));
        std::size_t const begin = into.size();
        into.resize(begin + n);
        if (n == 0) return;
        if (!header.swapped && header.dimensions == 2) {
            std::memcpy(into.data() + begin, bytes.data(), bytes.size());
            return;
        }
        std::size_t const stride = header.dimensions * sizeof(double);
        for (std::size_t i = 0; i < n; ++i) {
            std::byte const* const at = bytes.data() + i * stride;
            into[begin + i] = {number(at, header.swapped),
                               number(at + sizeof(double), header.swapped)};
        }
    }

private:
    std::span<std::byte const> take(std::size_t n) {
        if (n > left()) fail("end");
        auto const part = m_bytes.subspan(m_at, n);
        m_at += n;
        return part;
    }

    std::uint32_t word(bool swapped) {
        std::uint32_t value = 0;
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return swapped ? __builtin_bswap32(value) : value;
    }

    static double number(std::byte const* at, bool swapped) noexcept {
        std::uint64_t bits = 0;
        std::memcpy(&bits, at, sizeof bits);
        return std::bit_cast<double>(swapped ? __builtin_bswap64(bits) : bits);
    }

    std::span<std::byte const> m_bytes;
    std::size_t m_at = 0;
};

std::uint32_t size32(std::size_t n) noexcept {
    return static_cast<std::uint32_t>(n);
}

void read_point(Reader& reader, Header const& header, Geometry& into) {
    reader.positions(header, 1, into.positions);
    Position const p = into.positions.back();
    if (std::isnan(p.x) && std::isnan(p.y)) into.positions.pop_back(); // POINT EMPTY
}

void read_line(Reader& reader, Header const& header, Geometry& into) {
    auto const n = reader.count(header.swapped, header.dimensions * sizeof(double));
    if (n == 0) return;
    reader.positions(header, n, into.positions);
    into.path_ends.push_back(size32(into.positions.size()));
}

void read_polygon(Reader& reader, Header const& header, Geometry& into) {
    auto const rings = reader.count(header.swapped, sizeof(std::uint32_t));
    std::size_t const paths_before = into.path_ends.size();
    for (std::uint32_t ring = 0; ring < rings; ++ring) {
        auto const n = reader.count(header.swapped, header.dimensions * sizeof(double));
        if (n == 0) {
            if (ring == 0 && rings > 1) reader.fail("empty-exterior");
            continue;
        }
        reader.positions(header, n, into.positions);
        into.path_ends.push_back(size32(into.positions.size()));
    }
    if (into.path_ends.size() > paths_before)
        into.part_ends.push_back(size32(into.path_ends.size()));
}

void read_member(Reader& reader, Header const& header, Geometry& into) {
    switch (header.type) {
    case Type::point: return read_point(reader, header, into);
    case Type::line: return read_line(reader, header, into);
    case Type::polygon: return read_polygon(reader, header, into);
    }
}

GeometryKind kind_of(Type type) noexcept {
    switch (type) {
    case Type::point: return GeometryKind::point;
    case Type::line: return GeometryKind::line;
    case Type::polygon: return GeometryKind::polygon;
    }
    return GeometryKind::none;
}

class Writer {
public:
    explicit Writer(std::vector<std::byte>& out) : m_out{out} {}

    void header(Type type, bool multi, std::int32_t srid) {
        std::uint32_t code = static_cast<std::uint32_t>(type) + (multi ? multi_offset : 0);
        if (srid != 0) code |= flag_srid;
        m_out.push_back(std::byte{1}); // little-endian
        word(code);
        if (srid != 0) word(std::bit_cast<std::uint32_t>(srid));
    }
    void word(std::uint32_t value) { raw(&value, sizeof value); }
    void positions(std::span<Position const> positions) {
        raw(positions.data(), positions.size_bytes());
    }
    void path(std::span<Position const> path) {
        word(size32(path.size()));
        positions(path);
    }

private:
    void raw(void const* data, std::size_t size) {
        auto const* const bytes = static_cast<std::byte const*>(data);
        m_out.insert(m_out.end(), bytes, bytes + size);
    }

    std::vector<std::byte>& m_out;
};

void write_points(Writer& writer, Geometry const& g) {
    bool const multi = g.multi || g.positions.size() > 1;
    writer.header(Type::point, multi, g.srid);
    if (!multi) {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        Position const p = g.positions.empty() ? Position{nan, nan} : g.positions.front();
        return writer.positions({&p, 1});
    }
    writer.word(size32(g.positions.size()));
    for (auto const& p : g.positions) {
        writer.header(Type::point, false, 0);
        writer.positions({&p, 1});
    }
}

void write_lines(Writer& writer, Geometry const& g) {
    bool const multi = g.multi || g.path_ends.size() > 1;
    writer.header(Type::line, multi, g.srid);
    if (!multi) return g.path_ends.empty() ? writer.word(0) : writer.path(g.path(0));
    writer.word(size32(g.path_ends.size()));
    for (std::size_t i = 0; i < g.path_ends.size(); ++i) {
        writer.header(Type::line, false, 0);
        writer.path(g.path(i));
    }
}

void write_polygons(Writer& writer, Geometry const& g) {
    bool const multi = g.multi || g.part_ends.size() > 1;
    writer.header(Type::polygon, multi, g.srid);
    if (multi) writer.word(size32(g.part_ends.size()));
    if (!multi && g.part_ends.empty()) return writer.word(0);
    std::uint32_t ring = 0;
    for (std::uint32_t const end : g.part_ends) {
        if (multi) writer.header(Type::polygon, false, 0);
        writer.word(end - ring);
        for (; ring < end; ++ring) writer.path(g.path(ring));
    }
}

} // namespace

void read_wkb(std::span<std::byte const> bytes, Geometry& into) {
    into.positions.clear();
    into.path_ends.clear();
    into.part_ends.clear();
    Reader reader{bytes};
    Header const header = reader.header();
    into.kind = kind_of(header.type);
    into.multi = header.multi;
    into.srid = header.srid;
    if (!header.multi) {
        read_member(reader, header, into);
    } else {
        auto const members = reader.count(header.swapped, header_size);
        for (std::uint32_t i = 0; i < members; ++i) {
            Header const member = reader.header();
            if (member.multi || member.type != header.type) reader.fail("member-type");
            read_member(reader, member, into);
        }
    }
    if (reader.left() != 0) reader.fail("bytes-left-over");
}

void append_ewkb(std::vector<std::byte>& out, Geometry const& geometry) {
    Writer writer{out};
    switch (geometry.kind) {
    case GeometryKind::none: throw Error{Code::bad_input, "no-geometry"};
    case GeometryKind::point: return write_points(writer, geometry);
    case GeometryKind::line: return write_lines(writer, geometry);
    case GeometryKind::polygon: return write_polygons(writer, geometry);
    }
}

} // namespace diaban::geo::codec
