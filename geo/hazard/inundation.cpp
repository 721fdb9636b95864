#include "geo/hazard/inundation.hpp"

#include "geo/error.hpp"
#include "geo/hazard/water_grid.hpp"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cmath>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace diaban::geo::hazard {

namespace {

constexpr double millimetres_an_hour = 1 / 3.6e6; // m/s

/// Part of the water that may move faster than its waves.
constexpr double most_faster = 0.1;

} // namespace

double Balance::relative_error() const noexcept {
    double const all = initial + inflow + rain + std::abs(levels);
    return all > 0 ? std::abs(error()) / all : 0;
}

struct Inundation::State {
    explicit State(Scenario given)
        : scenario{(check(given), std::move(given))}, grid{scenario}, active(grid.tiles(), 0),
          was_active(grid.tiles(), 0) {
        work.reserve(grid.tiles());
        balance.initial = grid.stored() * cell_area();
        begin(0);
    }

    /// What the scenario says holds from an instant on.
    void begin(double at) {
        plan.rain.assign(scenario.rains.size() + 1, 0);
        plan.arrived = float(scenario.arrived);
        count_rained_on();
        mark_sources();
        apply_changes(at);
    }

    [[nodiscard]] double cell_area() const noexcept { return grid.side() * grid.side(); }

    void count_rained_on();
    void mark_sources();
    void apply_changes(double at);
    void find_work();
    void prepare(double until);
    void finish();
    void add_inflows(double from, double to);
    void take_outfalls(double duration);
    void hold_levels(double at);
    void run(double until, unsigned threads);

    Scenario scenario;
    WaterGrid grid;
    StepPlan plan;
    Balance balance;
    double seconds = 0;
    double step = 0; ///< that is under way, and …
    double end = 0;  ///< … the instant at its end
    double next_look = 0;
    std::uint64_t steps = 0;
    std::uint64_t updates = 0;
    std::vector<std::uint64_t> rained_on; ///< cells by zone
    std::vector<char> sources;            ///< by tile: whether water can appear there by itself
    std::vector<char> active;
    std::vector<char> was_active;
    std::vector<std::size_t> work; ///< tiles that are computed in this step
};

void Inundation::State::count_rained_on() {
    rained_on.assign(scenario.rains.size() + 1, 0);
    if (scenario.rains.empty()) return;
    for (std::size_t i = 0; i < scenario.bed.size(); ++i)
        if (!std::isnan(scenario.bed[i]))
            ++rained_on[scenario.rain_zones.empty() ? 1 : scenario.rain_zones[i]];
}

void Inundation::State::mark_sources() {
    sources.assign(grid.tiles(), char(!scenario.rains.empty()));
    auto const mark = [&](std::vector<Cell> const& cells) {
        for (auto const& cell : cells) sources[grid.tile_of(cell)] = 1;
    };
    for (auto const& inflow : scenario.inflows) mark(inflow.cells);
    for (auto const& level : scenario.levels) mark(level.cells);
}

void Inundation::State::apply_changes(double at) {
    for (auto const& change : scenario.changes) {
        double const level = change.level.at(at) - grid.datum();
        for (auto const& cell : change.cells)
            if (change.kind == BedChange::Kind::gate || level < grid.bed(cell))
                grid.set_bed(cell, level);
    }
}

/// Tiles that hold water, those around them, and those in which water appears.
void Inundation::State::find_work() {
    active.swap(was_active);
    std::ranges::copy(sources, active.begin());
    for (std::size_t tile = 0; tile < grid.tiles(); ++tile) {
        if (!(grid.state(tile).deepest > 0)) continue;
        auto const x = std::int32_t(tile % std::size_t(grid.tiles_across()));
        auto const y = std::int32_t(tile / std::size_t(grid.tiles_across()));
        for (auto j = std::max(y - 1, 0); j <= std::min(y + 1, grid.tiles_down() - 1); ++j)
            for (auto i = std::max(x - 1, 0); i <= std::min(x + 1, grid.tiles_across() - 1); ++i)
                active[std::size_t(j) * std::size_t(grid.tiles_across()) + std::size_t(i)] = 1;
    }
    work.clear();
    for (std::size_t tile = 0; tile < grid.tiles(); ++tile) {
        if (active[tile] != 0)
            work.push_back(tile);
        else if (was_active[tile] != 0)
            grid.still(tile);
    }
}

/// Chooses the next step and all that holds for it.
void Inundation::State::prepare(double until) {
    float deepest = 0;
    for (std::size_t tile = 0; tile < grid.tiles(); ++tile)
        deepest = std::max(deepest, grid.state(tile).deepest);
    step = scenario.longest_step;
    if (deepest > 0)
        step = std::min(step, scenario.courant * grid.side() /
                                  std::sqrt(double(gravity) * double(deepest)));
    double const left = until - seconds;
    // Two equal steps rather than a tiny last one.
    if (left <= step)
        step = left;
    else if (left < 2 * step)
        step = left / 2;
    end = step == left ? until : seconds + step;
    plan.advance = float(step / grid.side());
    plan.faces = {float(double(gravity) * step / grid.side()), float(step / 2),
                  float(scenario.own_weight), float((1 - scenario.own_weight) / 2)};
    for (std::size_t zone = 0; zone < scenario.rains.size(); ++zone)
        plan.rain[zone + 1] =
            float(scenario.rains[zone].intensity.integral(seconds, end) * millimetres_an_hour);
    plan.infiltration = float(scenario.infiltration * millimetres_an_hour * step);
    plan.seconds = float(end);
    plan.look = end >= next_look || end == until;
    if (plan.look) next_look = end + scenario.look_every;
    apply_changes(end);
    find_work();
}

void Inundation::State::add_inflows(double from, double to) {
    for (auto const& inflow : scenario.inflows) {
        double const metres =
            inflow.discharge.integral(from, to) / (cell_area() * double(inflow.cells.size()));
        for (auto const& cell : inflow.cells) {
            balance.inflow += grid.set_water(cell, grid.water(cell) + metres) * cell_area();
            if (plan.look) grid.note(cell, plan);
        }
    }
}

void Inundation::State::take_outfalls(double duration) {
    for (auto const& outfall : scenario.outfalls) {
        double const fall = std::sqrt(outfall.slope);
        for (auto const& cell : outfall.cells) {
            double const depth = grid.water(cell);
            if (!(depth > 0)) continue;
            double const root = std::cbrt(depth);
            double const discharge = depth * root * root * fall / grid.friction(cell);
            double const gone = std::min(depth, discharge * duration / grid.side());
            balance.outfall -= grid.set_water(cell, depth - gone) * cell_area();
        }
    }
}

void Inundation::State::hold_levels(double at) {
    for (auto const& standing : scenario.levels) {
        double const level = counted_height(standing.level.at(at) - grid.datum());
        for (auto const& cell : standing.cells) {
            balance.levels +=
                grid.set_water(cell, std::max(0.0, level - grid.bed(cell))) * cell_area();
            grid.pass_walls(cell);
            if (plan.look) grid.note(cell, plan);
        }
    }
}

/// What happens at single cells, and in the books, once all tiles are computed.
void Inundation::State::finish() {
    add_inflows(seconds, end);
    take_outfalls(step);
    hold_levels(end);
    for (std::size_t zone = 1; zone < plan.rain.size(); ++zone)
        balance.rain += double(plan.rain[zone]) * double(rained_on[zone]) * cell_area();
    for (auto const tile : work) {
        balance.infiltrated += grid.state(tile).soaked * cell_area();
        updates += grid.window(tile).shape().cells();
    }
    seconds = end;
    ++steps;
}

void Inundation::State::run(double until, unsigned threads) {
    prepare(until);
    std::atomic<std::size_t> next{0};
    bool done = false;
    bool fetching = true;
    auto const turn = [&]() noexcept {
        next = 0;
        fetching = !fetching;
        if (!fetching) return;
        finish();
        done = seconds >= until;
        if (!done) prepare(until);
    };
    std::barrier meeting{std::ptrdiff_t(threads), turn};
    auto const compute = [&] {
        WaterGrid::Scratch scratch;
        while (!done) {
            for (auto i = next++; i < work.size(); i = next++) grid.fetch(work[i]);
            meeting.arrive_and_wait();
            for (auto i = next++; i < work.size(); i = next++) grid.advance(work[i], plan, scratch);
            meeting.arrive_and_wait();
        }
    };
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads; ++i) others.emplace_back(compute);
    compute();
}

Inundation::Inundation(Scenario scenario) : m_state{std::make_unique<State>(std::move(scenario))} {}
Inundation::Inundation(Inundation&&) noexcept = default;
Inundation& Inundation::operator=(Inundation&&) noexcept = default;
Inundation::~Inundation() = default;

void Inundation::run_to(double seconds, unsigned threads) {
    if (seconds <= m_state->seconds) return;
    m_state->run(seconds, std::max(threads, 1U));
    auto const froude = m_state->grid.froude();
    if (froude.faster > most_faster)
        throw Error{Code::unsupported,
                    "supercritical",
                    {{"share", std::to_string(froude.faster)},
                     {"froude", std::to_string(froude.greatest)},
                     {"accepted", std::to_string(most_faster)}}};
}

void Inundation::go_on_with(Scenario scenario) {
    check(scenario);
    auto& now = m_state->scenario;
    auto const same_cells = [](std::vector<float> const& a, std::vector<float> const& b) {
        return std::ranges::equal(
            a, b, [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
    };
    auto const require = [](bool holds, char const* part) {
        if (!holds)
            throw Error{Code::bad_input,
                        "bad-scenario",
                        {{"part", part}, {"accepted", "what the run began with"}}};
    };
    require(scenario.frame == now.frame, "frame");
    require(same_cells(scenario.bed, now.bed), "bed");
    require(same_cells(scenario.depth, now.depth), "depth");
    require(scenario.friction == now.friction && scenario.frictions == now.frictions, "friction");
    now = std::move(scenario);
    m_state->grid.place_rain(now);
    m_state->begin(m_state->seconds);
}

double Inundation::seconds() const noexcept {
    return m_state->seconds;
}

std::uint64_t Inundation::steps() const noexcept {
    return m_state->steps;
}

std::uint64_t Inundation::updates() const noexcept {
    return m_state->updates;
}

Balance Inundation::balance() const {
    auto balance = m_state->balance;
    balance.stored = m_state->grid.stored() * m_state->cell_area();
    auto const froude = m_state->grid.froude();
    balance.greatest_froude = froude.greatest;
    balance.faster_share = froude.faster;
    return balance;
}

raster::Grid<float> Inundation::depth() const {
    return m_state->grid.depth();
}

raster::Grid<float> Inundation::speed() const {
    return m_state->grid.speed();
}

raster::Grid<float> Inundation::arrival() const {
    return m_state->grid.arrival();
}

raster::Grid<float> Inundation::deepest() const {
    return m_state->grid.deepest();
}

raster::Grid<float> Inundation::hazard() const {
    return m_state->grid.hazard();
}

} // namespace diaban::geo::hazard
