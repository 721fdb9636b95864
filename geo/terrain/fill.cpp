#include "geo/terrain/fill.hpp"

#include "geo/terrain/d8.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <unordered_map>
#include <vector>

namespace diaban::geo::terrain {

namespace {

using raster::Blocks;
using raster::Shape;
using raster::Window;
using Label = std::uint16_t;

constexpr Label open = 0;        ///< not reached yet
constexpr Label ocean = 1;       ///< drains over a border of the grid
constexpr Label first_own = 2;   ///< the first watershed that drains over the block's rim
constexpr Label waiting = 65534; ///< on the rim, in the queue, of no watershed yet
constexpr Label closed = 65535;  ///< outside, or without data

/// Two watersheds and the lowest level at which water passes between them.
struct Pass {
    std::uint32_t a;
    std::uint32_t b;
    float level;
};

/// Floats as whole numbers of the same order.
std::uint32_t ordered(float value) noexcept {
    auto const bits = std::bit_cast<std::uint32_t>(value + 0.0F); // -0 is 0
    return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

/// One block being flooded from its rim inwards, in a frame one cell wider on every side.
class Flood {
public:
    /// Floods `window`: levels and labels of its cells. Returns how many watersheds drain over the
    /// rim.
    std::uint32_t run(Shape shape, std::span<float const> ground, Window const& window);

    /// Writes the results to their places in the grid.
    void store(Shape shape, std::span<float> filled, std::span<std::uint32_t> labels) const;

    /// The lowest pass between any two watersheds that meet.
    void passes(std::vector<Pass>& into) const;

private:
    void load(Shape shape, std::span<float const> ground);
    void seed(Shape shape);
    void pour();
    void reach(std::uint32_t from, std::uint32_t to);
    [[nodiscard]] std::uint32_t place(std::int32_t column, std::int32_t row) const noexcept {
        return std::uint32_t((row + 1) * m_stride + column + 1);
    }
    [[nodiscard]] bool beside_nothing(std::uint32_t cell) const noexcept {
        return std::ranges::any_of(m_around, [&](std::int32_t step) {
            return std::isnan(m_level[std::uint32_t(std::int32_t(cell) + step)]);
        });
    }
    void push(std::uint32_t cell) {
        m_heap.push(std::uint64_t{ordered(m_level[cell])} << 32 | cell);
    }

    Window m_window;
    std::int32_t m_stride = 0;
    bool m_gaps = false; ///< whether something in or beside the block has no data
    Label m_next = first_own;
    std::array<std::int32_t, 8> m_around{};
    std::vector<float> m_level;
    std::vector<Label> m_label;
    std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> m_heap;
    std::vector<std::uint32_t> m_pit; ///< cells at the level that is being poured
};

void Flood::load(Shape shape, std::span<float const> ground) {
    auto const width = std::size_t(m_window.columns) + 2;
    auto const height = std::size_t(m_window.rows) + 2;
    m_stride = std::int32_t(width);
    m_level.assign(width * height, raster::no_data);
    m_label.assign(width * height, closed);
    for (std::size_t k = 0; k < steps.size(); ++k)
        m_around[k] = steps[k].row * m_stride + steps[k].column;
    m_gaps = false;
    for (std::int32_t row = -1; row <= m_window.rows; ++row) {
        for (std::int32_t column = -1; column <= m_window.columns; ++column) {
            auto const x = m_window.column + column;
            auto const y = m_window.row + row;
            if (!shape.holds(x, y)) continue;
            float const z = ground[shape.index(x, y)];
            m_level[place(column, row)] = z;
            m_gaps = m_gaps || std::isnan(z);
        }
    }
}

void Flood::seed(Shape shape) {
    for (std::int32_t row = 0; row < m_window.rows; ++row) {
        bool const row_edge = row == 0 || row == m_window.rows - 1;
        auto const y = m_window.row + row;
        for (std::int32_t column = 0; column < m_window.columns; ++column) {
            auto const cell = place(column, row);
            if (std::isnan(m_level[cell])) continue;
            auto const x = m_window.column + column;
            bool const at_border = x == 0 || y == 0 || x == shape.columns - 1 ||
                                   y == shape.rows - 1 || (m_gaps && beside_nothing(cell));
            bool const on_rim = row_edge || column == 0 || column == m_window.columns - 1;
            m_label[cell] = at_border ? ocean : on_rim ? waiting : open;
            if (at_border || on_rim) push(cell);
        }
    }
}

void Flood::reach(std::uint32_t from, std::uint32_t to) {
    if (m_label[to] == waiting) {
        // It is not lower than what is poured now, so its water passes here at its own level.
        m_label[to] = m_label[from];
        return;
    }
    if (m_label[to] != open) return;
    m_label[to] = m_label[from];
    if (m_level[to] <= m_level[from]) {
        m_level[to] = m_level[from];
        m_pit.push_back(to);
    } else {
        push(to);
    }
}

void Flood::pour() {
    while (!m_heap.empty()) {
        auto const cell = std::uint32_t(m_heap.top());
        m_heap.pop();
        if (m_label[cell] == waiting) m_label[cell] = m_next++;
        m_pit.push_back(cell);
        while (!m_pit.empty()) {
            auto const from = m_pit.back();
            m_pit.pop_back();
            for (auto const step : m_around) reach(from, std::uint32_t(std::int32_t(from) + step));
        }
    }
}

std::uint32_t Flood::run(Shape shape, std::span<float const> ground, Window const& window) {
    m_window = window;
    m_next = first_own;
    load(shape, ground);
    seed(shape);
    pour();
    return m_next - first_own;
}

void Flood::store(Shape shape, std::span<float> filled, std::span<std::uint32_t> labels) const {
    for (std::int32_t row = 0; row < m_window.rows; ++row) {
        auto const from = place(0, row);
        auto const to = shape.index(m_window.column, m_window.row + row);
        std::copy_n(m_level.begin() + from, m_window.columns, filled.begin() + std::ptrdiff_t(to));
        std::copy_n(m_label.begin() + from, m_window.columns, labels.begin() + std::ptrdiff_t(to));
    }
}

void Flood::passes(std::vector<Pass>& into) const {
    std::unordered_map<std::uint32_t, float> lowest;
    auto const meet = [&](std::uint32_t here, std::uint32_t there) {
        auto const a = std::min(m_label[here], m_label[there]);
        auto const b = std::max(m_label[here], m_label[there]);
        if (a == b || a == open || b == closed) return;
        float const level = std::max(m_level[here], m_level[there]);
        auto const [at, fresh] = lowest.emplace(std::uint32_t{a} << 16 | b, level);
        if (!fresh) at->second = std::min(at->second, level);
    };
    for (std::int32_t row = 0; row < m_window.rows; ++row)
        for (std::int32_t column = 0; column < m_window.columns; ++column)
            for (std::size_t k = 0; k < 4; ++k) // east and the three to the south: each pair once
                meet(place(column, row),
                     std::uint32_t(std::int32_t(place(column, row)) + m_around[k]));
    for (auto const& [pair, level] : lowest) into.push_back({pair >> 16, pair & 0xffffU, level});
}

/// Watersheds of all blocks, numbered through; 0 is the ocean.
class Watersheds {
public:
    explicit Watersheds(std::vector<std::uint32_t> const& counts) : m_begin(counts.size() + 1, 1) {
        for (std::size_t b = 0; b < counts.size(); ++b) m_begin[b + 1] = m_begin[b] + counts[b];
    }
    [[nodiscard]] std::uint32_t number(std::size_t block, std::uint32_t label) const noexcept {
        return label == ocean ? 0 : m_begin[block] + label - first_own;
    }
    [[nodiscard]] std::uint32_t size() const noexcept { return m_begin.back(); }

private:
    std::vector<std::uint32_t> m_begin;
};

/// The passes between cells on both sides of the blocks' borders.
class BorderPasses {
public:
    BorderPasses(Blocks const& blocks, Watersheds const& watersheds, std::span<float const> filled,
                 std::span<std::uint32_t const> labels, std::vector<Pass>& into)
        : m_blocks{blocks},
          m_watersheds{watersheds}, m_filled{filled}, m_labels{labels}, m_into{into} {}

    void gather() {
        for (std::size_t b = 0; b < m_blocks.size(); ++b) {
            auto const w = m_blocks.at(b);
            auto const right = w.column + w.columns - 1;
            auto const bottom = w.row + w.rows - 1;
            for (auto y = w.row; y <= bottom; ++y)
                for (std::int32_t d = -1; d <= 1; ++d) meet(b, {right, y}, {right + 1, y + d});
            for (auto x = w.column; x <= right; ++x)
                for (std::int32_t d = -1; d <= 1; ++d) meet(b, {x, bottom}, {x + d, bottom + 1});
        }
    }

private:
    void meet(std::size_t block, raster::Cell here, raster::Cell there) {
        auto const& shape = m_blocks.shape();
        if (!shape.holds(there.column, there.row)) return;
        auto const i = shape.index(here.column, here.row);
        auto const j = shape.index(there.column, there.row);
        if (m_labels[i] == closed || m_labels[j] == closed) return;
        auto const a = m_watersheds.number(block, m_labels[i]);
        auto const b = m_watersheds.number(m_blocks.of(there.column, there.row), m_labels[j]);
        if (a == b) return;
        float const level = std::max(m_filled[i], m_filled[j]);
        // Along a border the same two meet many times in a row.
        if (!m_into.empty() && m_into.back().a == a && m_into.back().b == b)
            m_into.back().level = std::min(m_into.back().level, level);
        else
            m_into.push_back({a, b, level});
    }

    Blocks const& m_blocks;
    Watersheds const& m_watersheds;
    std::span<float const> m_filled;
    std::span<std::uint32_t const> m_labels;
    std::vector<Pass>& m_into;
};

/// By watershed: the lowest level at which its water reaches the ocean.
std::vector<float> overflow(std::uint32_t watersheds, std::vector<Pass> const& passes) {
    std::vector<std::uint32_t> begin(std::size_t(watersheds) + 1, 0);
    for (auto const& pass : passes) {
        ++begin[pass.a];
        ++begin[pass.b];
    }
    std::uint32_t sum = 0;
    for (auto& at : begin) at = std::exchange(sum, sum + at);
    std::vector<std::pair<std::uint32_t, float>> beside(passes.size() * 2);
    auto next = begin;
    for (auto const& pass : passes) {
        beside[next[pass.a]++] = {pass.b, pass.level};
        beside[next[pass.b]++] = {pass.a, pass.level};
    }
    std::vector<float> level(watersheds, std::numeric_limits<float>::infinity());
    using Reached = std::pair<float, std::uint32_t>;
    std::priority_queue<Reached, std::vector<Reached>, std::greater<>> heap;
    level[0] = -std::numeric_limits<float>::infinity();
    heap.emplace(level[0], 0U);
    while (!heap.empty()) {
        auto const [at, here] = heap.top();
        heap.pop();
        if (at > level[here]) continue;
        for (auto i = begin[here]; i < begin[here + 1]; ++i) {
            auto const& [there, pass] = beside[i];
            float const through = std::max(at, pass);
            if (through >= level[there]) continue;
            level[there] = through;
            heap.emplace(through, there);
        }
    }
    return level;
}

void raise(Blocks const& blocks, std::size_t block, Watersheds const& watersheds,
           std::vector<float> const& levels, std::span<float> filled,
           std::span<std::uint32_t const> labels) {
    auto const w = blocks.at(block);
    for (auto y = w.row; y < w.row + w.rows; ++y) {
        auto const from = blocks.shape().index(w.column, y);
        for (auto i = from; i < from + std::size_t(w.columns); ++i)
            if (labels[i] != closed)
                filled[i] = std::max(filled[i], levels[watersheds.number(block, labels[i])]);
    }
}

} // namespace

void fill(Shape shape, std::span<float const> ground, std::span<float> filled,
          std::span<std::uint32_t> scratch, unsigned threads, std::int32_t block_side) {
    Blocks const blocks{shape, block_side};
    std::vector<std::uint32_t> counts(blocks.size());
    std::vector<std::vector<Pass>> inside(blocks.size());
    in_parallel(blocks.size(), threads, [&](std::size_t b) {
        Flood flood;
        counts[b] = flood.run(shape, ground, blocks.at(b));
        flood.store(shape, filled, scratch);
        flood.passes(inside[b]);
    });
    Watersheds const watersheds{counts};
    std::vector<Pass> passes;
    for (std::size_t b = 0; b < blocks.size(); ++b)
        for (auto const& pass : inside[b])
            passes.push_back(
                {watersheds.number(b, pass.a), watersheds.number(b, pass.b), pass.level});
    inside.clear();
    BorderPasses{blocks, watersheds, filled, scratch, passes}.gather();
    auto const levels = overflow(watersheds.size(), passes);
    in_parallel(blocks.size(), threads,
                [&](std::size_t b) { raise(blocks, b, watersheds, levels, filled, scratch); });
}

} // namespace diaban::geo::terrain
