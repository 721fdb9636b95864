#include "tiles/archive/header.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace diaban::tiles::archive {

namespace {

constexpr std::string_view magic = "PMTiles";
constexpr std::uint8_t version = 3;
constexpr std::size_t most_metadata = 512 << 10;
constexpr std::uint8_t deepest = 31; // further down numbers of tiles leave 64 bits

[[noreturn]] void refuse(std::string reason) {
    throw geo::Error{geo::Code::bad_input, "bad-archive", {{"reason", std::move(reason)}}};
}

/// Numbers as they lie in the header: little end first.
class Out {
public:
    explicit Out(std::span<std::byte> bytes) : m_bytes{bytes} {}
    void number(std::uint64_t value, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            m_bytes[m_at++] = static_cast<std::byte>(value >> (8 * i) & 0xffU);
    }
    void section(Section const& section) {
        number(section.offset, 8);
        number(section.length, 8);
    }
    void position(geo::Position at) {
        for (auto const degrees : {at.x, at.y})
            number(
                static_cast<std::uint32_t>(static_cast<std::int32_t>(std::lround(degrees * 1e7))),
                4);
    }

private:
    std::span<std::byte> m_bytes;
    std::size_t m_at = 0;
};

class In {
public:
    explicit In(std::span<std::byte const> bytes) : m_bytes{bytes} {}
    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i)
            value |= std::to_integer<std::uint64_t>(m_bytes[m_at++]) << (8 * i);
        return value;
    }
    std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
    Section section() {
        auto const offset = number(8);
        return {offset, number(8)};
    }
    geo::Position position() {
        auto const x = degrees();
        return {x, degrees()};
    }

private:
    double degrees() {
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(number(4))) / 1e7;
    }

    std::span<std::byte const> m_bytes;
    std::size_t m_at = 0;
};

void check_section(Section const& section, std::uint64_t file_size, char const* name) {
    if (section.offset > file_size || section.length > file_size - section.offset)
        refuse(std::string{name} + " lies outside the file: it is cut short, or damaged");
}

void check(Header const& header, std::uint64_t file_size) {
    check_section(header.root, file_size, "the root directory");
    check_section(header.metadata, file_size, "the metadata");
    check_section(header.leaves, file_size, "the leaf directories");
    check_section(header.tiles, file_size, "the tile data");
    if (header.root.length == 0 || header.root.offset < header_size ||
        header.root.offset + header.root.length > first_bytes)
        refuse("the root directory is not within the first 16384 bytes");
    if (header.metadata.length > most_metadata) refuse("more than 512 KiB of metadata");
    if (header.min_zoom > header.max_zoom || header.max_zoom > deepest)
        refuse("zooms " + std::to_string(header.min_zoom) + " to " +
               std::to_string(header.max_zoom));
}

} // namespace

std::array<std::byte, header_size> encode(Header const& header) {
    std::array<std::byte, header_size> bytes{};
    Out out{bytes};
    for (auto const letter : magic) out.number(static_cast<std::uint8_t>(letter), 1);
    out.number(version, 1);
    for (auto const* section : {&header.root, &header.metadata, &header.leaves, &header.tiles})
        out.section(*section);
    out.number(header.addressed, 8);
    out.number(header.entries, 8);
    out.number(header.contents, 8);
    out.number(header.clustered ? 1 : 0, 1);
    out.number(static_cast<std::uint8_t>(header.internal), 1);
    out.number(static_cast<std::uint8_t>(header.tile), 1);
    out.number(static_cast<std::uint8_t>(header.kind), 1);
    out.number(header.min_zoom, 1);
    out.number(header.max_zoom, 1);
    out.position({header.bounds.min_x, header.bounds.min_y});
    out.position({header.bounds.max_x, header.bounds.max_y});
    out.number(header.centre_zoom, 1);
    out.position(header.centre);
    return bytes;
}

Header decode_header(std::span<std::byte const> bytes, std::uint64_t file_size) {
    if (bytes.size() < header_size) refuse("shorter than a header of PMTiles");
    auto const is_magic = [](char letter, std::byte byte) {
        return static_cast<std::byte>(letter) == byte;
    };
    if (!std::equal(magic.begin(), magic.end(), bytes.begin(), is_magic)) refuse("no PMTiles");
    In in{bytes.subspan(magic.size())};
    if (auto const found = in.byte(); found != version)
        refuse("PMTiles of version " + std::to_string(found) + ", not 3");
    Header header;
    for (auto* section : {&header.root, &header.metadata, &header.leaves, &header.tiles})
        *section = in.section();
    header.addressed = in.number(8);
    header.entries = in.number(8);
    header.contents = in.number(8);
    header.clustered = in.byte() == 1;
    auto const internal = in.byte();
    auto const tile = in.byte();
    header.internal = static_cast<Packing>(internal <= 4 ? internal : 0);
    header.tile = static_cast<Packing>(tile <= 4 ? tile : 0);
    auto const kind = in.byte();
    header.kind = static_cast<Kind>(kind <= 5 ? kind : 0);
    header.min_zoom = in.byte();
    header.max_zoom = in.byte();
    auto const south_west = in.position();
    auto const north_east = in.position();
    header.bounds = {south_west.x, south_west.y, north_east.x, north_east.y};
    header.centre_zoom = in.byte();
    header.centre = in.position();
    check(header, file_size);
    return header;
}

} // namespace diaban::tiles::archive
