#include "geo/coverage/arcs.hpp"

#include "geo/parallel.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace diaban::geo::coverage {
namespace {

constexpr std::uint32_t none = UINT32_MAX;

std::uint64_t scatter(std::uint64_t x) noexcept {
    x = (x ^ (x >> 32)) * 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9U;
    return x ^ (x >> 32);
}

std::uint64_t scatter(GridPoint p) noexcept {
    return scatter(std::uint64_t{std::uint32_t(p.x)} << 32U | std::uint32_t(p.y));
}

/// Where rings begin, as bits: finds a point's neighbours in its ring without knowing the ring.
class RingBits {
public:
    explicit RingBits(Rings const& rings) : m_words(rings.points.size() / 64 + 1) {
        for (auto const begin : rings.ring_begin) m_words[begin / 64] |= bit(begin);
    }

    [[nodiscard]] std::uint32_t before(std::uint32_t point) const noexcept {
        if (!begins(point)) return point - 1;
        return beginning_after(point) - 1;
    }
    [[nodiscard]] std::uint32_t after(std::uint32_t point) const noexcept {
        if (!begins(point + 1)) return point + 1;
        return beginning_at_or_before(point);
    }

private:
    static std::uint64_t bit(std::uint32_t point) noexcept {
        return std::uint64_t{1} << (point % 64);
    }
    [[nodiscard]] bool begins(std::uint32_t point) const noexcept {
        return (m_words[point / 64] & bit(point)) != 0;
    }
    [[nodiscard]] std::uint32_t beginning_after(std::uint32_t point) const noexcept {
        std::size_t word = (point + 1) / 64;
        std::uint64_t bits = m_words[word] & ~(bit(point + 1) - 1);
        while (bits == 0) bits = m_words[++word];
        return std::uint32_t(word * 64) + std::uint32_t(std::countr_zero(bits));
    }
    [[nodiscard]] std::uint32_t beginning_at_or_before(std::uint32_t point) const noexcept {
        std::size_t word = point / 64;
        std::uint64_t bits = m_words[word] & (bit(point) | (bit(point) - 1));
        while (bits == 0) bits = m_words[--word];
        return std::uint32_t(word * 64) + 63U - std::uint32_t(std::countl_zero(bits));
    }

    std::vector<std::uint64_t> m_words;
};

/// By point: which point of equal place came first, and whether that place is a node.
struct Places {
    std::vector<std::uint32_t> first;
    std::vector<std::uint8_t> is_node; // by first point; bytes, so that threads do not share words
};

/// Finds places and nodes among the points whose hash is this thread's.
class PlaceFinder {
public:
    PlaceFinder(Rings const& rings, RingBits const& bits, Places& places, unsigned part,
                unsigned parts)
        : m_points{rings.points}, m_bits{bits}, m_places{places}, m_part{part}, m_parts{parts},
          m_slots(std::bit_ceil(rings.points.size() / parts * 3 / 2 + 16), none),
          m_mask{m_slots.size() - 1} {}

    void run() {
        // Slots are asked for some points ahead of their use: the table is larger than any cache.
        for (std::uint32_t i = 0; i < m_points.size(); ++i) {
            auto const hash = scatter(m_points[i]);
            if ((hash >> 48U) * m_parts >> 16U != m_part) continue;
            __builtin_prefetch(&m_slots[hash & m_mask]);
            auto& waiting = m_ahead[m_turn % m_ahead.size()];
            if (m_turn >= m_ahead.size()) place(waiting.point, waiting.hash);
            waiting = {i, hash};
            ++m_turn;
        }
        auto const left = std::min(m_turn, m_ahead.size());
        for (auto turn = m_turn - left; turn < m_turn; ++turn)
            place(m_ahead[turn % m_ahead.size()].point, m_ahead[turn % m_ahead.size()].hash);
    }

private:
    void place(std::uint32_t point, std::uint64_t hash) {
        auto slot = hash & m_mask;
        while (m_slots[slot] != none && m_points[m_slots[slot]] != m_points[point])
            slot = (slot + 1) & m_mask;
        bool const is_new = m_slots[slot] == none;
        if (is_new) m_slots[slot] = point;
        auto const first = m_slots[slot];
        m_places.first[point] = first;
        auto const before = m_points[m_bits.before(point)];
        auto const after = m_points[m_bits.after(point)];
        if (is_new) {
            m_places.is_node[point] = before == after;
            return;
        }
        if (m_places.is_node[first] != 0) return;
        auto const first_before = m_points[m_bits.before(first)];
        auto const first_after = m_points[m_bits.after(first)];
        bool const same = (before == first_before && after == first_after) ||
                          (before == first_after && after == first_before);
        if (!same) m_places.is_node[first] = 1;
    }

    struct Waiting {
        std::uint32_t point;
        std::uint64_t hash;
    };

    std::span<GridPoint const> m_points;
    RingBits const& m_bits;
    Places& m_places;
    unsigned m_part;
    unsigned m_parts;
    std::vector<std::uint32_t> m_slots;
    std::uint64_t m_mask;
    std::array<Waiting, 16> m_ahead{};
    std::size_t m_turn = 0;
};

Places find_places(Rings const& rings, unsigned threads) {
    Places places;
    places.first.resize(rings.points.size());
    places.is_node.resize(rings.points.size());
    RingBits const bits{rings};
    in_parallel(threads, threads, [&](std::size_t part) {
        PlaceFinder{rings, bits, places, unsigned(part), threads}.run();
    });
    return places;
}

/// Cuts rings at nodes and numbers the chains; equal ones, run either way, get one number.
class ArcFinder {
public:
    ArcFinder(Rings const& rings, Places const& places)
        : m_rings{rings}, m_places{places}, m_slots(1024), m_mask{m_slots.size() - 1} {}

    Arcs run() {
        m_arcs.ring_begin.reserve(m_rings.size() + 1);
        m_arcs.ring_start.reserve(m_rings.size());
        for (std::size_t ring = 0; ring < m_rings.size(); ++ring) {
            m_begin = m_rings.ring_begin[ring];
            m_size = m_rings.ring_begin[ring + 1] - m_begin;
            cut_ring();
            m_arcs.ring_begin.push_back(std::uint32_t(m_arcs.references.size()));
        }
        m_arcs.points.shrink_to_fit();
        return std::move(m_arcs);
    }

private:
    [[nodiscard]] std::uint32_t at(std::uint32_t step) const noexcept {
        return m_begin + (step < m_size ? step : step - m_size);
    }
    [[nodiscard]] bool is_node(std::uint32_t step) const noexcept {
        return m_places.is_node[m_places.first[at(step)]] != 0;
    }

    void cut_ring() {
        std::uint32_t start = 0;
        while (start < m_size && !is_node(start)) ++start;
        bool const island = start == m_size;
        if (island) {
            auto const ring = m_rings.points.subspan(m_begin, m_size);
            start = std::uint32_t(std::min_element(ring.begin(), ring.end()) - ring.begin());
        }
        m_arcs.ring_start.push_back(start);
        auto from = start;
        for (auto step = start + 1; step <= start + m_size; ++step) {
            if (step < start + m_size && (island || !is_node(step))) continue;
            add_chain(from, step);
            from = step;
        }
    }

    /// The chain of the ring's steps [from, to], both ends included.
    void add_chain(std::uint32_t from, std::uint32_t to) {
        auto const point = [&](std::uint32_t step) { return m_rings.points[at(step)]; };
        std::pair const ahead{point(from), point(from + 1)};
        std::pair const back{point(to), point(to - 1)};
        bool const forwards = ahead <= back;
        auto const place = [&](std::uint32_t step) {
            return std::uint64_t{m_places.first[at(step)]};
        };
        auto const key =
            forwards ? place(from) << 32U | place(from + 1) : place(to) << 32U | place(to - 1);
        auto const [arc, is_new] = number(key);
        m_arcs.references.push_back(forwards ? std::int32_t(arc) : ~std::int32_t(arc));
        if (!is_new) return;
        for (auto i = 0U; i <= to - from; ++i)
            m_arcs.points.push_back(point(forwards ? from + i : to - i));
        m_arcs.arc_begin.push_back(std::uint32_t(m_arcs.points.size()));
    }

    struct Slot {
        std::uint64_t key = UINT64_MAX;
        std::uint32_t arc = 0;
    };

    std::pair<std::uint32_t, bool> number(std::uint64_t key) {
        if (m_arcs.size() * 2 > m_mask) grow();
        auto& slot = find(key);
        if (slot.key == key) return {slot.arc, false};
        slot = {key, std::uint32_t(m_arcs.size())};
        return {slot.arc, true};
    }
    Slot& find(std::uint64_t key) noexcept {
        auto place = scatter(key) & m_mask;
        while (m_slots[place].key != UINT64_MAX && m_slots[place].key != key)
            place = (place + 1) & m_mask;
        return m_slots[place];
    }
    void grow() {
        std::vector<Slot> old(m_slots.size() * 4);
        old.swap(m_slots);
        m_mask = m_slots.size() - 1;
        for (auto const& slot : old)
            if (slot.key != UINT64_MAX) find(slot.key) = slot;
    }

    Rings const& m_rings;
    Places const& m_places;
    Arcs m_arcs;
    std::uint32_t m_begin = 0; // of the ring under way
    std::uint32_t m_size = 0;
    std::vector<Slot> m_slots; // open addressing, a power of two
    std::uint64_t m_mask;
};

} // namespace

Arcs find_arcs(Rings const& rings, unsigned threads) {
    auto const places = find_places(rings, std::max(1U, threads));
    return ArcFinder{rings, places}.run();
}

} // namespace diaban::geo::coverage
