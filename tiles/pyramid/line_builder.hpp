#pragma once

#include "tiles/pyramid/chains.hpp"
#include "tiles/pyramid/pyramid.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace diaban::tiles::pyramid {

/// Makes the squares of a pyramid of lines: what an edit adds to them and takes from them. A whole
/// pyramid is an edit of nothing.
///
/// Exact   what a line draws at a zoom follows from its chain alone, so that what goes is found by
///         drawing it once more; sums are of whole numbers.
class LineBuilder {
public:
    LineBuilder(Pyramid& pyramid, unsigned threads);

    /// `before`, `after`, `dirty`: as find_line_change takes them.
    void run(RowSource const* before, RowSource const& after, std::span<GridBox const> dirty);

private:
    /// A chain as zooms draw it.
    struct Draft {
        Chain chain;
        LineStanding standing;
        GridBox box;
        std::vector<std::uint8_t>
            outlived; ///< by point: how many zooms from the finest down draw it
    };
    /// What becomes of a square.
    struct Change {
        std::vector<LinePath> gone;
        std::vector<LinePath> come;
        std::map<std::uint32_t, Tally> tallies; ///< by rank of key
    };
    using Changes = std::map<std::uint64_t, Change>;

    [[nodiscard]] std::vector<Draft> drafts_of(std::vector<Chain>&& chains) const;
    [[nodiscard]] std::vector<TileLine> drawn(Draft const& draft, std::uint32_t zoom) const;
    void choose(std::span<Draft const> drafts);
    void count(Tally const& tally, std::int64_t sign, std::uint32_t zoom, Changes& changes) const;
    void add(std::span<Draft const> drafts, bool comes, std::uint32_t zoom, Changes& changes) const;
    [[nodiscard]] Pyramid::Square changed(Pyramid::Square const* before, Change&& change) const;

    Pyramid& m_pyramid;
    Plan& m_plan;
    unsigned m_threads;
    std::span<std::uint32_t const> m_ranks;
};

} // namespace diaban::tiles::pyramid
