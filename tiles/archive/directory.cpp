#include "tiles/archive/directory.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace diaban::tiles::archive {

namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

/// Tiles of all zooms below `zoom`.
constexpr std::uint64_t tiles_below(std::uint32_t zoom) noexcept {
    return ((std::uint64_t{1} << (2 * zoom)) - 1) / 3;
}

/// Turns a quadrant of `side` so that the curve enters and leaves it where its neighbours do.
void turn(std::uint32_t side, std::uint32_t& x, std::uint32_t& y, bool right, bool lower) noexcept {
    if (lower) return;
    if (right) {
        x = side - 1 - x;
        y = side - 1 - y;
    }
    std::swap(x, y);
}

void append_varint(std::vector<std::byte>& bytes, std::uint64_t value) {
    while (value >= 0x80U) {
        bytes.push_back(static_cast<std::byte>((value & 0x7fU) | 0x80U));
        value >>= 7U;
    }
    bytes.push_back(static_cast<std::byte>(value));
}

/// Takes varints off the front of `bytes`.
class Varints {
public:
    explicit Varints(std::span<std::byte const> bytes) : m_bytes{bytes} {}

    std::optional<std::uint64_t> next(std::uint64_t limit = most) {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !m_bytes.empty(); shift += 7) {
            auto const byte = std::to_integer<std::uint64_t>(m_bytes.front());
            m_bytes = m_bytes.subspan(1);
            if (shift == 63 && byte > 1) return std::nullopt;
            value |= (byte & 0x7fU) << shift;
            if (byte < 0x80U) return value <= limit ? std::optional{value} : std::nullopt;
        }
        return std::nullopt;
    }

    [[nodiscard]] std::size_t left() const noexcept { return m_bytes.size(); }

private:
    std::span<std::byte const> m_bytes;
};

bool read_numbers(Varints& varints, std::vector<Entry>& entries) {
    std::uint64_t last = 0;
    for (auto& entry : entries) {
        auto const step = varints.next(most - last);
        bool const first = &entry == &entries.front();
        if (!step || (*step == 0 && !first)) return false;
        entry.number = last += *step;
    }
    return true;
}

bool read_column(Varints& varints, std::vector<Entry>& entries, std::uint32_t Entry::*column) {
    for (auto& entry : entries) {
        auto const value = varints.next(std::numeric_limits<std::uint32_t>::max());
        if (!value) return false;
        entry.*column = static_cast<std::uint32_t>(*value);
    }
    return true;
}

/// 0 stands for "where the entry before ends", any other value for itself less one.
bool read_offsets(Varints& varints, std::vector<Entry>& entries) {
    std::optional<std::uint64_t> end;
    for (auto& entry : entries) {
        auto const value = varints.next();
        if (!value || (*value == 0 && !end)) return false;
        entry.offset = *value == 0 ? *end : *value - 1;
        if (entry.length == 0 || entry.offset > most - entry.length) return false;
        end = entry.offset + entry.length;
    }
    return true;
}

bool runs_are_apart(std::span<Entry const> entries) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
        auto const next = i + 1 < entries.size() ? entries[i + 1].number : most;
        if (entries[i].run > next - entries[i].number) return false;
    }
    return true;
}

Directories in_leaves(std::span<Entry const> entries, Compress const& compress, std::size_t size) {
    Directories result;
    std::vector<Entry> root;
    for (std::size_t start = 0; start < entries.size(); start += size) {
        auto const part = entries.subspan(start, std::min(size, entries.size() - start));
        auto const leaf = compress(encode(part));
        root.push_back({.number = part.front().number,
                        .offset = result.leaves.size(),
                        .length = static_cast<std::uint32_t>(leaf.size()),
                        .run = 0});
        result.leaves.insert(result.leaves.end(), leaf.begin(), leaf.end());
    }
    result.root = compress(encode(root));
    return result;
}

} // namespace

std::uint64_t number_of(TileId tile) noexcept {
    std::uint32_t const side = std::uint32_t{1} << tile.zoom();
    std::uint32_t x = tile.x();
    std::uint32_t y = tile.y();
    std::uint64_t along = 0;
    for (std::uint32_t half = side / 2; half > 0; half /= 2) {
        bool const right = (x & half) != 0;
        bool const lower = (y & half) != 0;
        std::uint64_t const quarter = right ? (lower ? 2U : 3U) : (lower ? 1U : 0U);
        along += quarter * half * half;
        turn(side, x, y, right, lower);
    }
    return tiles_below(tile.zoom()) + along;
}

std::optional<TileId> tile_of(std::uint64_t number) noexcept {
    std::uint32_t zoom = 0;
    while (zoom <= TileId::max_zoom && number >= tiles_below(zoom + 1)) ++zoom;
    if (zoom > TileId::max_zoom) return std::nullopt;
    std::uint64_t along = number - tiles_below(zoom);
    std::uint32_t x = 0;
    std::uint32_t y = 0;
    for (std::uint32_t half = 1; half < (std::uint32_t{1} << zoom); half *= 2) {
        auto const quarter = along % 4;
        bool const right = quarter >= 2;
        bool const lower = quarter == 1 || quarter == 2;
        turn(half, x, y, right, lower);
        if (right) x += half;
        if (lower) y += half;
        along /= 4;
    }
    return TileId::make(zoom, x, y);
}

std::uint64_t first_child(std::uint64_t number) noexcept {
    std::uint32_t zoom = 0;
    while (number >= tiles_below(zoom + 1)) ++zoom;
    return tiles_below(zoom + 1) + 4 * (number - tiles_below(zoom));
}

std::vector<std::byte> encode(std::span<Entry const> entries) {
    std::vector<std::byte> bytes;
    append_varint(bytes, entries.size());
    std::uint64_t last = 0;
    for (auto const& entry : entries)
        append_varint(bytes, entry.number - std::exchange(last, entry.number));
    for (auto const& entry : entries) append_varint(bytes, entry.run);
    for (auto const& entry : entries) append_varint(bytes, entry.length);
    std::optional<std::uint64_t> end;
    for (auto const& entry : entries) {
        append_varint(bytes, end == entry.offset ? 0 : entry.offset + 1);
        end = entry.offset + entry.length;
    }
    return bytes;
}

std::optional<std::vector<Entry>> decode(std::span<std::byte const> bytes) {
    Varints varints{bytes};
    // Each entry has at least a byte in each of four columns.
    auto const count = varints.next(bytes.size() / 4);
    if (!count || *count == 0) return std::nullopt;
    std::vector<Entry> entries(static_cast<std::size_t>(*count));
    bool const whole = read_numbers(varints, entries) &&
                       read_column(varints, entries, &Entry::run) &&
                       read_column(varints, entries, &Entry::length) &&
                       read_offsets(varints, entries) && varints.left() == 0;
    if (!whole || !runs_are_apart(entries)) return std::nullopt;
    return entries;
}

std::optional<Entry> find(std::span<Entry const> entries, std::uint64_t number) {
    auto const after = std::ranges::upper_bound(entries, number, {}, &Entry::number);
    if (after == entries.begin()) return std::nullopt;
    auto const& entry = *(after - 1);
    bool const holds = entry.run == 0 || number - entry.number < entry.run;
    return holds ? std::optional{entry} : std::nullopt;
}

std::optional<Entry> locate(std::span<Entry const> root, std::uint64_t number, Leaf const& leaf) {
    constexpr int deepest = 3;
    auto found = find(root, number);
    for (int depth = 0; found && found->run == 0; ++depth) {
        if (depth == deepest)
            throw geo::Error{geo::Code::bad_input,
                             "bad-archive",
                             {{"reason", "leaf directories lie in leaf directories too deep"}}};
        auto const entries = leaf(*found);
        found = find(*entries, number);
    }
    return found;
}

Directories arrange(std::span<Entry const> entries, Compress const& compress, std::size_t limit) {
    Directories result{.root = compress(encode(entries)), .leaves = {}};
    for (std::size_t size = 4'096; result.root.size() > limit && size / 2 < entries.size();
         size *= 2)
        result = in_leaves(entries, compress, size);
    return result;
}

} // namespace diaban::tiles::archive
