#include "tiles/mirror/layer.hpp"

#include "geo/error.hpp"
#include "tiles/mirror/gather.hpp"
#include "tiles/mirror/native_zoom.hpp"
#include "tiles/mirror/visibility.hpp"

#include <algorithm>

namespace diaban::tiles::mirror {
namespace {

bool touches_edge(GridBox const& box, GridBox const& outer) noexcept {
    return box.min_x == outer.min_x || box.max_x == outer.max_x || box.min_y == outer.min_y ||
           box.max_y == outer.max_y;
}

/// Marks rows of one run dead; what was dead before stays so.
class Burial {
public:
    explicit Burial(LiveRun const& live) : m_live{live} {}

    void bury(std::uint32_t row) {
        auto const& run = *m_live.run;
        if (!m_dead) {
            m_dead = m_live.dead ? std::make_shared<Dead>(*m_live.dead) : std::make_shared<Dead>();
            m_dead->bits.resize((run.size() + 63) / 64);
            m_dead->by_class.resize(run.class_table.size());
        }
        auto& word = m_dead->bits[row / 64];
        auto const bit = std::uint64_t{1} << (row % 64);
        if ((word & bit) != 0) return;
        word |= bit;
        auto& of_class = m_dead->by_class[run.classes[row]];
        ++m_dead->rows;
        ++of_class.rows;
        if (row >= run.located()) return;
        ++m_dead->located;
        ++of_class.located;
        of_class.at_edge |= touches_edge(run.boxes[row], run.class_table[run.classes[row]].box);
    }

    void bury_all(std::span<std::int64_t const> fids) {
        for (auto const fid : fids)
            if (auto const row = m_live.run->find(fid)) bury(*row);
    }

    [[nodiscard]] LiveRun result() && {
        return m_dead ? LiveRun{m_live.run, std::move(m_dead)} : m_live;
    }

private:
    LiveRun const& m_live;
    std::shared_ptr<Dead> m_dead;
};

} // namespace

LayerBuilder::LayerBuilder(std::shared_ptr<geo::Schema const> schema)
    : m_rows{std::make_unique<Rows>(std::move(schema))} {}
LayerBuilder::LayerBuilder(geo::Schema const& schema)
    : LayerBuilder{std::make_shared<geo::Schema const>(schema)} {}
LayerBuilder::~LayerBuilder() = default;
LayerBuilder::LayerBuilder(LayerBuilder&&) noexcept = default;
LayerBuilder& LayerBuilder::operator=(LayerBuilder&&) noexcept = default;
void LayerBuilder::append(geo::RowView const& row) {
    m_rows->append(row);
}
std::size_t LayerBuilder::size() const noexcept {
    return m_rows->fids.size();
}

std::shared_ptr<Layer const> Layer::of_runs(std::vector<LiveRun> runs,
                                            std::optional<std::uint32_t> native_zoom) {
    auto layer = std::make_shared<Layer>();
    layer->m_runs = std::move(runs);
    for (auto const& live : layer->m_runs)
        layer->m_located += live.run->located() - (live.dead ? live.dead->located : 0);
    layer->m_native_zoom = native_zoom ? *native_zoom : mirror::native_zoom(*layer);
    return layer;
}

std::shared_ptr<Layer const> Layer::of(std::shared_ptr<Run const> run,
                                       std::optional<std::uint32_t> native_zoom) {
    return of_runs({{std::move(run), nullptr}}, native_zoom);
}

std::shared_ptr<Layer const> Layer::build(std::vector<LayerBuilder> parts, unsigned threads,
                                          std::optional<std::uint32_t> native_zoom) {
    if (parts.empty())
        throw geo::Error{geo::Code::internal, "mirror-row", {}, "a layer of no parts"};
    std::vector<Part> sources;
    for (auto const& part : parts) sources.emplace_back(*part.m_rows);
    auto run = gather(parts.front().m_rows->schema, sources, std::max(1U, threads));
    parts.clear();
    return of_runs({{std::move(run), nullptr}}, native_zoom);
}

std::shared_ptr<Layer const> Layer::with(LayerBuilder rows, std::span<std::int64_t const> gone,
                                         std::size_t kept) const {
    std::vector<LiveRun> runs;
    for (auto const& live : m_runs) {
        Burial burial{live};
        burial.bury_all(gone);
        burial.bury_all(rows.m_rows->fids);
        runs.push_back(std::move(burial).result());
    }
    if (rows.size() > 0)
        runs.push_back({gather(shared_schema(), {Part{*rows.m_rows}}, 1), nullptr});
    // Runs grow by fours: a run is merged into its elder as soon as that is not four times larger.
    while (runs.size() > std::max<std::size_t>(kept, 1) + 1) {
        auto const& younger = runs[runs.size() - 1];
        auto const& elder = runs[runs.size() - 2];
        constexpr std::size_t growth = 4;
        if (elder.living() > growth * younger.living()) break;
        LiveRun merged{gather(shared_schema(), {Part{elder}, Part{younger}}, 1), nullptr};
        runs.pop_back();
        runs.back() = std::move(merged);
    }
    return of_runs(std::move(runs), m_native_zoom);
}

std::shared_ptr<Run const> Layer::compacted(unsigned threads) const {
    std::vector<Part> parts;
    for (auto const& live : m_runs) parts.emplace_back(live);
    return gather(shared_schema(), parts, std::max(1U, threads));
}

std::shared_ptr<Layer const> Layer::rebased(Layer const& before, std::shared_ptr<Run const> base,
                                            std::uint32_t native_zoom) const {
    LiveRun const fresh{std::move(base), nullptr};
    Burial burial{fresh};
    std::vector<LiveRun> runs(1);
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        if (i >= before.m_runs.size()) {
            runs.push_back(m_runs[i]);
            continue;
        }
        auto const& now = m_runs[i];
        auto const& then = before.m_runs[i];
        if (now.dead == then.dead) continue;
        for (std::uint32_t row = 0; row < now.run->size(); ++row)
            if (!now.is_alive(row) && then.is_alive(row))
                if (auto const place = fresh.run->find(now.run->fids[row])) burial.bury(*place);
    }
    runs.front() = std::move(burial).result();
    return of_runs(std::move(runs), native_zoom);
}

Layer::Count Layer::count(geo::Policy const& policy) const {
    Count count;
    for (auto const& live : m_runs)
        for (std::size_t i = 0; i < live.run->class_table.size(); ++i) {
            auto const& of = live.run->class_table[i];
            if (!policy.sees(of.scope, of.sensitivity)) continue;
            count.rows += of.rows;
            count.located += of.located;
            if (!live.dead) continue;
            count.rows -= live.dead->by_class[i].rows;
            count.located -= live.dead->by_class[i].located;
        }
    return count;
}

geo::Box Layer::extent(geo::Policy const& policy) const {
    GridBox box;
    for (auto const& live : m_runs) {
        bool exact = true;
        for (std::size_t i = 0; i < live.run->class_table.size(); ++i) {
            auto const& of = live.run->class_table[i];
            if (!policy.sees(of.scope, of.sensitivity) || of.located == 0) continue;
            if (live.dead && live.dead->by_class[i].at_edge)
                exact = false;
            else
                box.extend(of.box);
        }
        if (exact) continue;
        Visibility const sees{live, policy};
        for (std::size_t row = 0; row < live.run->located(); ++row)
            if (sees(row)) box.extend(live.run->boxes[row]);
    }
    if (box.empty()) return {};
    auto const north_west = from_grid({double(box.min_x), double(box.min_y)});
    auto const south_east = from_grid({double(box.max_x), double(box.max_y)});
    return {north_west.x, south_east.y, south_east.x, north_west.y};
}

bool Layer::timed() const noexcept {
    return std::any_of(m_runs.begin(), m_runs.end(),
                       [](LiveRun const& live) { return !live.run->periods.empty(); });
}

std::vector<std::int64_t> Layer::during(geo::Period const& period,
                                        geo::Policy const& policy) const {
    std::vector<std::int64_t> fids;
    for (auto const& live : m_runs) {
        Visibility const sees{live, policy};
        auto const periods = live.run->periods;
        for (std::size_t row = 0; row < live.run->size(); ++row)
            if ((periods.empty() || periods[row].meets(period)) && sees(row))
                fids.push_back(live.run->fids[row]);
    }
    std::sort(fids.begin(), fids.end());
    return fids;
}

std::vector<std::int64_t> Layer::behind(std::int64_t fid, std::size_t most,
                                        geo::Policy const& policy) const {
    std::vector<std::int64_t> fids;
    for (auto const& live : m_runs) {
        Visibility const sees{live, policy};
        auto const& run = *live.run;
        auto const of_row = [&](std::uint32_t row) { return run.fids[row]; };
        std::size_t found = 0;
        for (auto next = std::ranges::upper_bound(run.by_fid, fid, {}, of_row);
             next != run.by_fid.end() && found < most; ++next)
            if (sees(*next)) {
                fids.push_back(run.fids[*next]);
                ++found;
            }
    }
    std::ranges::sort(fids); // of runs, each sorted; no fid lives in two
    if (fids.size() > most) fids.resize(most);
    return fids;
}

std::optional<Layer::At> Layer::find(std::int64_t fid) const noexcept {
    for (auto live = m_runs.rbegin(); live != m_runs.rend(); ++live)
        if (auto const row = live->run->find(fid); row && live->is_alive(*row))
            return At{live->run.get(), *row};
    return std::nullopt;
}

std::size_t Layer::changed() const noexcept {
    std::size_t rows = 0;
    for (auto const& live : runs().subspan(1)) rows += live.living();
    return rows;
}

std::size_t Layer::bytes() const noexcept {
    std::size_t sum = 0;
    for (auto const& live : m_runs)
        sum += live.run->bytes + (live.dead ? live.dead->bits.size() * sizeof(std::uint64_t) : 0);
    return sum;
}

} // namespace diaban::tiles::mirror
