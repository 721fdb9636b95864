#pragma once

#include "geo/filter/filter.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"
#include "tiles/pyramid/layer_rows.hpp"
#include "tiles/pyramid/pyramid.hpp"
#include "tiles/tile_id.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>

namespace diaban::services::domain {

/// Tiles below the native zoom that show only rows matching a filter.
///
/// By class   a filter that asks for the class field alone takes its classes out of the pyramid:
///            what is drawn of them is drawn as without it.
/// By row     any other is answered as if the collection held the matching rows alone: those around
///            the tile are merged for it. Which rows match is kept for the tiles beside; of lines,
///            whose chains come from anywhere, a whole pyramid. What would be more than the limits
///            allow is refused.
/// Threads    any number; who asks for a choice that is being made waits for it.
class FilteredLow {
public:
    /// `rows`   that are merged for one request: half a microsecond each.
    /// `work`   rows times Filter::cost that are looked at for one request: some 2 ns each.
    /// `bytes`  of choices and pyramids that are kept.
    struct Limits {
        std::size_t rows = 250'000;
        std::size_t work = 20'000'000;
        std::size_t bytes = 128U << 20U;
    };
    explicit FilteredLow(Limits const& limits) : m_limits{limits} {}

    /// Appends the tile to `body`. The view has a pyramid, and `filter` is made of its layer's
    /// schema and this policy.
    ///
    /// Throws   Error{bad_input, "filter-zoom"}: too many rows at this zoom; with what is accepted.
    tiles::pyramid::LowSummary cut(View const& view, geo::filter::Filter const& filter,
                                   tiles::TileId tile, geo::Policy const& policy,
                                   std::string& body);

    /// Bytes kept now.
    [[nodiscard]] std::size_t bytes() const;

private:
    /// What is kept of one filter and one state of a collection.
    struct Kept {
        std::uint64_t rows = 0; ///< LayerRows::number
        std::string filter;     ///< its key
        std::mutex making;
        bool made = false;
        std::shared_ptr<tiles::pyramid::ChosenRows const> chosen; ///< null: too much to ask at once
        std::shared_ptr<tiles::pyramid::Pyramid const> pyramid;   ///< of lines, if not too many
        [[nodiscard]] std::size_t bytes() const noexcept;
    };

    std::shared_ptr<Kept> kept_for(View const& view, geo::filter::Filter const& filter);
    void make(Kept& kept, View const& view, geo::filter::Filter const& filter) const;
    void tidy();

    Limits m_limits;
    mutable std::mutex m_mutex;
    std::list<std::shared_ptr<Kept>> m_kept; ///< the latest asked first
};

} // namespace diaban::services::domain
