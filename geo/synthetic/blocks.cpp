#include "geo/synthetic/blocks.hpp"

#include "geo/error.hpp"
#include "geo/synthetic/land_use.hpp"
#include "geo/synthetic/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>
#include <string>

namespace diaban::geo::synthetic {

namespace {

constexpr std::uint32_t least = 50;          // parcels a block
constexpr std::uint32_t most = 400;          // leaves every parcel at least 40 nodes of the lattice
constexpr std::uint32_t few_a_commune = 400; // fewer than that, and some communes get none

constexpr std::uint64_t size_of_block = 200; // purpose of the hashed numbers

/// A block in smallest squares.
struct Size {
    std::uint32_t columns;
    std::uint32_t rows;
};

// Blocks of open land, the largest that fit first.
constexpr std::array<Size, 7> open_sizes{{{8, 8}, {8, 4}, {4, 8}, {4, 4}, {4, 2}, {2, 4}, {2, 2}}};

/// Parcels a block usually has.
struct Range {
    std::uint32_t low;
    std::uint32_t high;
};

Range usual(Tier tier, Size size, bool urban) noexcept {
    switch (tier) {
    case Tier::settlement: return urban ? Range{240, 400} : Range{120, 260};
    case Tier::farmland: return size.columns > 1 ? Range{180, 380} : Range{60, 110};
    case Tier::open: return {50, 60};
    }
    return {least, least};
}

/// The smallest squares: of which commune each is, and whether it is still free.
class Squares {
public:
    explicit Squares(Landscape const& land) {
        for (std::size_t i = 0; i < land.communes().size(); ++i) {
            m_columns = std::max(m_columns, count(land.box(i).max_x));
            m_rows = std::max(m_rows, count(land.box(i).max_y));
        }
        m_owner.assign(std::size_t{m_columns} * m_rows, nobody);
        for (std::uint32_t i = 0; i < land.communes().size(); ++i) claim(land, i);
    }

    [[nodiscard]] bool free(std::uint32_t commune, std::uint32_t column, std::uint32_t row,
                            Size size) const {
        for (std::uint32_t j = row; j < row + size.rows; ++j)
            for (std::uint32_t i = column; i < column + size.columns; ++i)
                if (i >= m_columns || j >= m_rows || m_owner[at(i, j)] != commune) return false;
        return true;
    }

    /// Hands out where in the commune blocks of `size` could stand, every `step` squares.
    template <typename Take>
    void for_each_free(Box const& box, std::uint32_t commune, Size size, std::uint32_t step,
                       Take const& take) const {
        auto const first = [&](double low) {
            return static_cast<std::uint32_t>(std::max(0.0, low / side - 1)) / step * step;
        };
        for (std::uint32_t row = first(box.min_y); row < count(box.max_y); row += step)
            for (std::uint32_t column = first(box.min_x); column < count(box.max_x); column += step)
                if (free(commune, column, row, size)) take(column, row);
    }

    void take(std::uint32_t column, std::uint32_t row, Size size) {
        for (std::uint32_t j = row; j < row + size.rows; ++j)
            for (std::uint32_t i = column; i < column + size.columns; ++i)
                m_owner[at(i, j)] = nobody;
    }

private:
    static constexpr std::uint32_t nobody = 0xffffffff;
    static constexpr double side = block_step * Landscape::step;
    // Half the diagonal of a bent square: its corners move by little against its middle.
    static constexpr double radius = side * 0.7072 * 1.2 + 10;

    static std::uint32_t count(double metres) noexcept {
        return static_cast<std::uint32_t>(metres / side) + 2;
    }
    [[nodiscard]] std::size_t at(std::uint32_t i, std::uint32_t j) const noexcept {
        return std::size_t{j} * m_columns + i;
    }
    void claim(Landscape const& land, std::uint32_t commune) {
        Box const& box = land.box(commune);
        for (auto j = static_cast<std::uint32_t>(box.min_y / side); j < count(box.max_y); ++j)
            for (auto i = static_cast<std::uint32_t>(box.min_x / side); i < count(box.max_x); ++i) {
                Node const middle{static_cast<std::int32_t>(i) * block_step + block_step / 2,
                                  static_cast<std::int32_t>(j) * block_step + block_step / 2};
                if (land.inside(commune, land.place(middle), radius)) m_owner[at(i, j)] = commune;
            }
    }
    std::uint32_t m_columns = 0;
    std::uint32_t m_rows = 0;
    std::vector<std::uint32_t> m_owner;
};

Rect rect_of(std::uint32_t column, std::uint32_t row, Size size) noexcept {
    auto const node = [](std::uint32_t square) {
        return static_cast<std::int32_t>(square) * block_step;
    };
    return {node(column), node(row), node(column + size.columns), node(row + size.rows)};
}

/// Fills communes with blocks until a wanted number of parcels is there.
class Planner {
public:
    Planner(Landscape const& land, std::uint64_t seed)
        : m_land{land}, m_seed{seed}, m_squares{land} {}

    /// Adds blocks of `size` squares, nearest to a settlement first, until `wanted` parcels more
    /// are there or no place is left. Blocks begin at multiples of the smaller of `size` and 2.
    void fill(std::uint32_t commune, Tier tier, Size size, std::uint64_t wanted) {
        std::uint64_t const goal = m_total + wanted;
        if (wanted == 0) return;
        for (auto const& place : places(commune, size)) {
            if (m_total >= goal) return;
            if (m_squares.free(commune, place.column, place.row, size))
                add(commune, tier, place, size);
        }
    }

    [[nodiscard]] std::uint64_t total() const noexcept { return m_total; }

    /// Makes blocks fuller or emptier until exactly `wanted` parcels are there, if that is
    /// possible.
    void settle(std::uint64_t wanted) {
        while (!m_blocks.empty() && m_total >= wanted + m_blocks.back().parcels) {
            m_total -= m_blocks.back().parcels;
            m_blocks.pop_back();
        }
        for (auto& block : m_blocks) {
            auto const parcels = static_cast<std::int64_t>(block.parcels);
            auto const change =
                static_cast<std::int64_t>(wanted) - static_cast<std::int64_t>(m_total);
            std::int64_t const now = std::clamp<std::int64_t>(
                parcels + change, std::min<std::int64_t>(least, parcels), most);
            block.parcels = static_cast<std::uint32_t>(now);
            m_total =
                static_cast<std::uint64_t>(static_cast<std::int64_t>(m_total) + now - parcels);
        }
        if (m_total > wanted && m_blocks.size() == 1) { // fewer than a block's least
            m_blocks.front().parcels = static_cast<std::uint32_t>(wanted);
            m_total = wanted;
        }
        if (m_total > wanted) spread_last(wanted);
    }

    std::vector<Block> take_blocks() { return std::move(m_blocks); }

private:
    struct Place {
        std::uint32_t column;
        std::uint32_t row;
    };

    /// Places for blocks of `size`, nearest to a settlement first; they may overlap.
    [[nodiscard]] std::vector<Place> places(std::uint32_t commune, Size size) const {
        std::vector<std::pair<double, Place>> found;
        std::uint32_t const step = std::min(size.columns, 2U);
        m_squares.for_each_free(
            m_land.box(commune), commune, size, step, [&](std::uint32_t column, std::uint32_t row) {
                Position const middle = m_land.place(rect_of(column, row, size).middle());
                found.push_back({m_land.to_settlement(commune, middle), {column, row}});
            });
        std::stable_sort(found.begin(), found.end(),
                         [](auto const& a, auto const& b) { return a.first < b.first; });
        std::vector<Place> result;
        for (auto const& [_, place] : found) result.push_back(place);
        return result;
    }

    void add(std::uint32_t commune, Tier tier, Place place, Size size) {
        m_squares.take(place.column, place.row, size);
        Range const range = usual(tier, size, m_land.communes()[commune].urban());
        double const at =
            unit(mix(m_seed, size_of_block, (std::uint64_t{place.row} << 32) | place.column));
        Block block;
        block.commune = commune;
        block.rect = rect_of(place.column, place.row, size);
        block.tier = tier;
        block.parcels = range.low + static_cast<std::uint32_t>(at * (range.high - range.low));
        m_total += block.parcels;
        m_blocks.push_back(block);
    }

    /// Every block is at its least and still there are too many: the last one goes, and those
    /// before it take what it leaves.
    void spread_last(std::uint64_t wanted) {
        m_total -= m_blocks.back().parcels;
        m_blocks.pop_back();
        for (auto& block : m_blocks) {
            if (m_total == wanted) return;
            auto const more = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(wanted - m_total, most - block.parcels));
            block.parcels += more;
            m_total += more;
        }
    }

    Landscape const& m_land;
    std::uint64_t m_seed;
    Squares m_squares;
    std::vector<Block> m_blocks;
    std::uint64_t m_total = 0;
};

// So many parcels of open land a km² cover a commune, blocks of all sizes together; but no more
// than this share of its parcels.
constexpr double open_a_km2 = 25;
constexpr double open_at_most = 0.6;

/// How many parcels a commune gets beside the others: people settle where communes are urban, and
/// more of them where there is more room.
double weight(Landscape const& land, std::size_t commune) {
    return std::sqrt(land.area_km2(commune)) * (land.communes()[commune].urban() ? 1.6 : 1);
}

std::vector<std::uint32_t> heaviest_first(Landscape const& land) {
    std::vector<std::uint32_t> order(land.communes().size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return weight(land, a) > weight(land, b);
    });
    return order;
}

void fill_by_weight(Planner& planner, Landscape const& land, std::span<std::uint32_t const> order,
                    std::uint64_t parcels) {
    double weights = 0;
    for (std::uint32_t const commune : order) weights += weight(land, commune);
    double due = 0;
    for (std::uint32_t const commune : order) {
        due += static_cast<double>(parcels) * weight(land, commune) / weights;
        double const quota = due - static_cast<double>(planner.total()); // with what others left
        if (quota <= 0) continue;
        double const open = std::min(quota * open_at_most, open_a_km2 * land.area_km2(commune));
        double const town = (quota - open) * (land.communes()[commune].urban() ? 0.6 : 0.45);
        double const field = quota - open - town;
        std::uint64_t const before = planner.total();
        auto const up_to = [&](double parcels_here) {
            auto const goal = before + static_cast<std::uint64_t>(parcels_here);
            return goal - std::min(goal, planner.total());
        };
        planner.fill(commune, Tier::settlement, {1, 1}, up_to(town));
        planner.fill(commune, Tier::farmland, {2, 2}, up_to(town + field * 0.75));
        planner.fill(commune, Tier::farmland, {1, 1}, up_to(town + field));
        for (Size const size : open_sizes) planner.fill(commune, Tier::open, size, up_to(quota));
    }
}

void fill_what_is_left(Planner& planner, std::span<std::uint32_t const> order,
                       std::uint64_t parcels) {
    for (Size const size : {Size{2, 2}, Size{1, 1}})
        for (std::uint32_t const commune : order)
            if (planner.total() < parcels)
                planner.fill(commune, Tier::farmland, size, parcels - planner.total());
}

void number_sheets(std::vector<Block>& blocks, std::size_t communes) {
    std::vector<std::uint32_t> next(communes, 1);
    for (auto& block : blocks) block.sheet = next[block.commune]++;
}

} // namespace

std::vector<Block> plan_blocks(Landscape const& land, std::uint64_t parcels, std::uint64_t seed) {
    Planner planner{land, seed};
    auto const order = heaviest_first(land);
    std::size_t const served = std::clamp<std::size_t>(parcels / few_a_commune, 1, order.size());
    fill_by_weight(planner, land, std::span{order}.first(served), parcels);
    fill_what_is_left(planner, order, parcels);
    planner.settle(parcels);
    if (planner.total() != parcels || parcels == 0)
        throw Error{Code::bad_input,
                    "bad-parameter",
                    {{"parameter", "parcels"},
                     {"value", std::to_string(parcels)},
                     {"accepted", "1 … " + std::to_string(planner.total())}}};
    auto blocks = planner.take_blocks();
    number_sheets(blocks, land.communes().size());
    choose_land_use(land, seed, blocks);
    return blocks;
}

} // namespace diaban::geo::synthetic
