#include "services/domain/inundation_process.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/hazard/inundation.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/flood_course.hpp"
#include "services/domain/flood_inputs.hpp"
#include "services/domain/flood_scenario.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <future>
#include <limits>
#include <thread>
#include <utility>

namespace diaban::services::domain {

namespace {

using data::model::Coverage;
using geo::hazard::Balance;
using geo::hazard::Inundation;

constexpr char method[] =
    "local inertia (Bates, Horritt, Fewtrell 2010; de Almeida et al. 2012), friction by the length "
    "of the discharge vector, limited fluxes; cells in single, bookkeeping in double precision";
constexpr char validity[] = "slow, gradually varied flow with Froude numbers up to about 1; no dam "
                            "breaks, no structures smaller than a cell";

geo::Instant now() {
    constexpr std::int64_t second = 1'000'000;
    auto const since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::seconds>(since).count() * second};
}

std::string text_of(geo::Instant instant) {
    std::string text;
    geo::codec::append_instant(text, instant);
    return text;
}

std::string coverage_id(std::string job) {
    std::ranges::replace(job, '-', '_');
    return "flood_" + job;
}

Json json_of(Balance const& b) {
    return {{"initial_m3", b.initial},
            {"inflow_m3", b.inflow},
            {"rain_m3", b.rain},
            {"levels_m3", b.levels},
            {"outfall_m3", b.outfall},
            {"infiltrated_m3", b.infiltrated},
            {"stored_m3", b.stored},
            {"error_m3", b.error()},
            {"relative_error", b.relative_error()},
            {"greatest_froude", b.greatest_froude},
            {"faster_share", b.faster_share}};
}

/// One run under way: what is kept of it frame by frame.
class FloodRun {
public:
    FloodRun(Work& work, FloodInputs const& inputs)
        : m_work{work}, m_inputs{inputs}, m_coverages{work}, m_ground{m_coverages.find(
                                                                 inputs.terrain)},
          m_course{course_of(
              inputs,
              [this](auto const& id) { return m_coverages.find_made_of(m_inputs.terrain, id); })},
          m_start{m_course.start.value_or(now())} {}

    Outcome go() {
        auto const grid = flood_grid(m_inputs, m_ground);
        auto const ground = m_coverages.open(m_ground.files.front());
        auto const scenario = [&](FloodInputs const& inputs) {
            return flood_scenario(inputs, grid, ground);
        };
        Inundation flood{scenario(m_course.legs.front().inputs)};
        register_result(grid);
        try {
            repeat(flood, scenario);
            compute(flood);
        } catch (geo::Error const&) { // half an answer is none
            if (m_writing.valid()) m_writing.wait();
            m_coverages.registry().remove(m_result.id);
            throw;
        }
        return outcome(flood);
    }

private:
    void register_result(FloodGrid const& grid) {
        m_result = CoverageWork::made_of(m_ground, coverage_id(m_work.job),
                                         {"Ngập mô phỏng", "Simulated flood"}, "depth");
        m_result.frame = grid.frame;
        m_result.bands = {"depth", "speed", "arrival", "hazard"};
        m_result.login = m_work.login;
        m_result.job = m_work.job;
        m_result.source = "inundation";
        describe("running", nullptr);
        m_coverages.registry().put(m_result);
    }

    /// What another flood was up to a frame: its files are there at once, its water once it is
    /// computed again, which gives the same bits.
    template <typename ScenarioOf>
    void repeat(Inundation& flood, ScenarioOf&& scenario) {
        for (auto const& [file, about] : m_course.kept) {
            m_coverages.registry().add(m_result.id, file);
            m_frames.push_back(about);
        }
        for (std::size_t leg = 0; leg + 1 < m_course.legs.size(); ++leg) {
            for (; m_done < m_course.legs[leg].frames; ++m_done) step(flood);
            flood.go_on_with(scenario(m_course.legs[leg + 1].inputs));
        }
    }

    void step(Inundation& flood) {
        m_work.progress.rest();
        auto const threads = std::max(1U, std::thread::hardware_concurrency());
        double const minutes =
            std::min(double(m_done + 1) * m_inputs.frame_minutes, m_inputs.hours * 60);
        flood.run_to(minutes * 60, threads);
    }

    void compute(Inundation& flood) {
        auto const frames = m_inputs.frames();
        while (m_done < frames) {
            step(flood);
            keep_frame(flood);
            m_work.progress.at(++m_done, frames);
        }
        m_writing.get();
        describe("complete", json_of(flood.balance()));
        m_coverages.registry().complete(m_result);
    }

    /// What is written of an instant.
    struct Frame {
        explicit Frame(Inundation const& flood)
            : seconds{flood.seconds()}, balance{flood.balance()}, depth{flood.depth()},
              speed{flood.speed()}, arrival{flood.arrival()}, hazard{flood.hazard()} {
            for (auto& cell : arrival.cells())
                if (std::isinf(cell)) cell = geo::raster::no_data;
        }

        double seconds;
        Balance balance;
        geo::raster::Grid<float> depth;
        geo::raster::Grid<float> speed;
        geo::raster::Grid<float> arrival;
        geo::raster::Grid<float> hazard;
    };

    /// Writes a frame while the next is computed; one at a time.
    void keep_frame(Inundation const& flood) {
        Frame frame{flood};
        if (m_writing.valid()) m_writing.get();
        m_writing =
            std::async(std::launch::async, [this, frame = std::move(frame)] { write(frame); });
    }

    void write(Frame const& frame) {
        std::array<std::span<float const>, 4> const bands{
            frame.depth.cells(), frame.speed.cells(), frame.arrival.cells(), frame.hazard.cells()};
        measure_range(m_result, frame.depth.cells());
        auto file = m_coverages.keep(m_result, bands);
        file.at =
            geo::Instant{m_start.microseconds + std::int64_t(std::llround(frame.seconds * 1e6))};
        m_coverages.registry().add(m_result.id, file);
        m_frames.push_back({{"seconds", frame.seconds},
                            {"datetime", text_of(*file.at)},
                            {"stored_m3", frame.balance.stored},
                            {"relative_error", frame.balance.relative_error()}});
    }

    void describe(char const* state, Json balance) {
        Json details{
            {"state", state},
            {"terrain", m_ground.id},
            {"terrain_sha256", m_ground.files.front().sha256},
            {"terrain_origin", to_string(m_ground.origin)},
            {"start", text_of(m_start)},
            {"inputs", m_work.inputs},
            {"units", {{"depth", "m"}, {"speed", "m/s"}, {"arrival", "s"}, {"hazard", "m2/s"}}},
            {"method", method},
            {"validity", validity},
            {"frames", m_frames}};
        if (!balance.is_null()) details["balance"] = std::move(balance);
        m_result.details = details.dump();
    }

    Outcome outcome(Inundation const& flood) const {
        Outcome made;
        made.values = {{"coverage", m_result.id},
                       {"frames", m_frames.size()},
                       {"steps", flood.steps()},
                       {"cell_updates", flood.updates()},
                       {"mass_error", flood.balance().relative_error()},
                       {"details", Json::parse(m_result.details)}};
        return made;
    }

    Work& m_work;
    FloodInputs const& m_inputs;
    CoverageWork m_coverages;
    Coverage m_ground;
    FloodCourse m_course;
    geo::Instant m_start;
    Coverage m_result;
    Json m_frames = Json::array();
    std::size_t m_done = 0;      ///< frames
    std::future<void> m_writing; ///< of the frame before; last, for it refers to the others
};

Outcome run_inundation(Work& work) {
    auto const inputs = read_flood_inputs(work.inputs);
    return FloodRun{work, inputs}.go();
}

Json outputs() {
    auto const output = [](char const* title, char const* type) {
        return Json{{"title", title}, {"schema", {{"type", type}}}};
    };
    return {{"coverage", output("The coverage with a file a frame", "string")},
            {"frames", output("How many frames", "integer")},
            {"steps", output("Steps of time", "integer")},
            {"cell_updates", output("Cells computed, all steps together", "integer")},
            {"mass_error", output("Water that came from nowhere, beside all there was", "number")},
            {"details", output("Inputs, units, method, validity, balance", "object")}};
}

} // namespace

Process inundation_process() {
    return {
        .id = "inundation",
        .title = {"Mô phỏng ngập lụt", "Inundation"},
        .description = {"Nước lan trên địa hình theo thời gian: mưa, lũ sông, vỡ đê, xả lũ; mỗi "
                        "khung hình lên bản đồ ngay khi tính xong.",
                        "Water that moves over the ground: rain, rivers, dykes that breach, "
                        "reservoirs that let go; every frame is on the map as it is computed."},
        .inputs = describe_flood_inputs(),
        .outputs = outputs(),
        .reads =
            [](Json const& inputs) {
                auto const read = read_flood_inputs(inputs);
                std::vector names{read.terrain};
                if (read.from) names.push_back(read.from->coverage);
                return names;
            },
        .check =
            [](Json const& inputs, Registries const& registries, Policies const&) {
                auto const read = read_flood_inputs(inputs);
                static_cast<void>(flood_grid(read, registries.coverage(read.terrain)));
                static_cast<void>(course_of(read, registries.coverage));
            },
        .run = run_inundation,
        .rests = true};
}

} // namespace diaban::services::domain
