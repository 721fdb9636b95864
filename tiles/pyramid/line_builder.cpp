#include "tiles/pyramid/line_builder.hpp"

#include "geo/coverage/simplify.hpp"
#include "geo/parallel.hpp"
#include "tiles/pyramid/tile_work.hpp"
#include "tiles/shape.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace diaban::tiles::pyramid {
namespace {

constexpr auto buffer = std::int32_t(CutOptions{}.buffer);

} // namespace

LineBuilder::LineBuilder(Pyramid& pyramid, unsigned threads)
    : m_pyramid{pyramid}, m_plan{pyramid.m_plan}, m_threads{threads}, m_ranks{
                                                                          pyramid.m_order.ranks} {}

void LineBuilder::run(RowSource const* before, RowSource const& after,
                      std::span<GridBox const> dirty) {
    auto change = find_line_change(before, after, dirty);
    auto const gone = drafts_of(std::move(change.gone));
    auto const come = drafts_of(std::move(change.come));
    if (m_plan.line_cuts.empty()) choose(come);
    auto const zooms = m_plan.finest - m_plan.lowest + 1;
    geo::in_parallel(zooms, m_threads, [&](std::size_t i) {
        auto const zoom = m_plan.finest - std::uint32_t(i); // the longest work first
        Changes changes;
        for (auto const& tally : change.rows_gone) count(tally, -1, zoom, changes);
        for (auto const& tally : change.rows_come) count(tally, 1, zoom, changes);
        add(gone, false, zoom, changes);
        add(come, true, zoom, changes);
        Pyramid::Level level;
        for (auto& [number, of] : changes) {
            auto const* const old =
                m_pyramid.square(*TileId::make(zoom, x_of(number), y_of(number)));
            level.emplace_back(
                number, std::make_shared<Pyramid::Square const>(changed(old, std::move(of))));
        }
        m_pyramid.put(zoom, level);
    });
}

/// Points leave a chain as they leave a polygon's side (detail.hpp); its ends stay.
std::vector<LineBuilder::Draft> LineBuilder::drafts_of(std::vector<Chain>&& chains) const {
    std::vector<double> thresholds;
    for (auto zoom = m_plan.finest + 1; zoom-- > m_plan.lowest;) {
        auto const unit = double(std::uint32_t{1} << (TileId::max_zoom - zoom));
        thresholds.push_back(2 * least_line_triangle * unit * unit);
    }
    std::vector<Draft> drafts(chains.size());
    constexpr std::size_t portion = 256;
    geo::in_parallel((chains.size() + portion - 1) / portion, m_threads, [&](std::size_t part) {
        geo::coverage::Arcs alone; // others' points must not decide what this one draws
        for (auto i = part * portion; i < std::min((part + 1) * portion, chains.size()); ++i) {
            auto& draft = drafts[i];
            draft.chain = std::move(chains[i]);
            draft.box = box_of(draft.chain.points);
            auto const& value = m_pyramid.keys()[draft.chain.key].class_value;
            auto const& ranked = m_plan.classes;
            draft.standing = {
                std::uint32_t(std::find(ranked.begin(), ranked.end(), value) - ranked.begin()),
                draft.chain.length()};
            if (draft.chain.points.size() == 2) {
                draft.outlived.assign(2, std::uint8_t(thresholds.size()));
                continue;
            }
            alone.points = draft.chain.points;
            alone.arc_begin = {0, std::uint32_t(alone.points.size())};
            draft.outlived = geo::coverage::outlived(alone, thresholds, 1);
        }
    });
    return drafts;
}

/// The pieces of a chain at a zoom, whatever its standing; none of one that would be a dot.
std::vector<TileLine> LineBuilder::drawn(Draft const& draft, std::uint32_t zoom) const {
    auto const& box = draft.box;
    auto const wide =
        std::max(std::int64_t{box.max_x} - box.min_x, std::int64_t{box.max_y} - box.min_y);
    if (wide < std::int64_t{shortest_line} << (TileId::max_zoom - zoom)) return {};
    std::vector<GridPoint> points;
    auto const level = m_plan.finest - zoom;
    for (std::size_t i = 0; i < draft.chain.points.size(); ++i)
        if (draft.outlived[i] > level) points.push_back(draft.chain.points[i]);
    return tile_line(points, zoom, buffer);
}

/// What a zoom shows the next one shows too.
void LineBuilder::choose(std::span<Draft const> drafts) {
    std::vector<LineStanding> standings;
    for (auto const& draft : drafts) standings.push_back(draft.standing);
    m_plan.line_cuts.resize(m_plan.finest + 1);
    geo::in_parallel(m_plan.finest - m_plan.lowest + 1, m_threads, [&](std::size_t i) {
        auto const zoom = m_plan.finest - std::uint32_t(i);
        std::vector<LineLoad> loads;
        for (std::uint32_t line = 0; line < drafts.size(); ++line)
            for (auto const& piece : drawn(drafts[line], zoom))
                loads.push_back({line, piece.tile, piece.bytes()});
        m_plan.line_cuts[zoom] = choose_lines(standings, loads, line_bytes);
    });
    for (auto zoom = m_plan.finest; zoom-- > m_plan.lowest;)
        m_plan.line_cuts[zoom] = stricter(m_plan.line_cuts[zoom], m_plan.line_cuts[zoom + 1]);
}

void LineBuilder::count(Tally const& tally, std::int64_t sign, std::uint32_t zoom,
                        Changes& changes) const {
    auto const shift = 31 - zoom;
    auto const number = number_of(std::uint32_t(tally.x) >> shift, std::uint32_t(tally.y) >> shift);
    auto& sum = changes[number].tallies[m_ranks[tally.key]];
    sum.key = tally.key;
    sum.add(tally, sign);
}

void LineBuilder::add(std::span<Draft const> drafts, bool comes, std::uint32_t zoom,
                      Changes& changes) const {
    auto const shift = 31 - zoom;
    for (auto const& draft : drafts) {
        auto const key = draft.chain.key;
        if (!m_plan.line_cuts[zoom].shows(draft.standing)) continue;
        auto pieces = drawn(draft, zoom);
        for (auto& piece : pieces) {
            auto& change = changes[piece.tile];
            auto& paths = comes ? change.come : change.gone;
            for (auto& path : piece.paths) paths.push_back({key, std::move(path)});
        }
        if (pieces.empty()) continue;
        for (auto const& centre : draft.chain.centres) {
            auto& change = changes[number_of(std::uint32_t(centre.x) >> shift,
                                             std::uint32_t(centre.y) >> shift)];
            auto& sum = change.tallies[m_ranks[key]];
            sum.key = key;
            sum.drawn += comes ? 1 : -1;
        }
    }
}

Pyramid::Square LineBuilder::changed(Pyramid::Square const* before, Change&& change) const {
    Pyramid::Square square;
    static Tallies const none;
    auto const& old = before == nullptr ? none : before->tallies;
    for (auto const& tally : old) {
        auto& sum = change.tallies[m_ranks[tally.key]];
        sum.key = tally.key;
        sum.add(tally);
    }
    for (auto& [rank, tally] : change.tallies)
        if (tally.count != 0) square.tallies.push_back(std::move(tally));
    square.lines = edited(before == nullptr ? DrawnLines{} : before->lines, std::move(change.gone),
                          std::move(change.come), m_ranks);
    return square;
}

} // namespace diaban::tiles::pyramid
