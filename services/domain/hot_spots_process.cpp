#include "services/domain/hot_spots_process.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/hotspot/emerging.hpp"
#include "geo/ops/rectangle.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/event_points.hpp"
#include "services/domain/process_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>

namespace diaban::services::domain {

namespace {

using geo::raster::Frame;

constexpr std::array<std::string_view, 6> own{"cell",   "band",      "level",
                                              "weight", "step_days", "steps_back"};
constexpr std::size_t most_cells = std::size_t{1} << 24U;
constexpr double usual_cell = 500;   // m
constexpr double usual_level = 0.05; // adjusted p
constexpr double day = 86'400e6;     // microseconds

struct SpotInputs {
    std::string collection;
    std::optional<std::string> weight;
    double cell = usual_cell; ///< m
    double band = 0;          ///< m
    double level = usual_level;
    std::optional<double> step; ///< days; nothing: time does not matter
    std::size_t back = 1;       ///< steps
};

std::optional<std::string> weight_input(Json const& inputs) {
    if (!inputs.contains("weight")) return std::nullopt;
    return text_input(inputs, "weight", "a field of numbers");
}

SpotInputs read_inputs(Json const& inputs) {
    check_input_names(inputs, event_inputs(own));
    SpotInputs read;
    read.collection = text_input(inputs, "collection", "a collection of points");
    read.weight = weight_input(inputs);
    read.cell = number_input(inputs, "cell", usual_cell, 10, 100'000);
    read.band = number_input(inputs, "band", 2.5 * read.cell, 10, 1'000'000);
    if (read.band < read.cell || read.band > 100 * read.cell)
        refuse_input("band", fmt::format("{}", read.band), "1 … 100 cells, in metres");
    read.level = number_input(inputs, "level", usual_level, 1e-6, 0.5);
    read.step = number_input(inputs, "step_days", 1.0 / 24, 3660);
    read.back = std::size_t(number_input(inputs, "steps_back", 1, 0, 100));
    return read;
}

/// The grid that events are counted on, and its times.
struct Count {
    Frame frame;
    std::size_t times = 1;
    std::int64_t begin = 0;     ///< of the first time, microseconds
    std::vector<double> values; ///< one grid behind the other; NaN: no event within the band, ever
    std::vector<double> totals; ///< of all times
    std::uint64_t untimed = 0;
    std::uint64_t before = 0; ///< events before the first whole step
    std::size_t studied = 0;  ///< cells that take part
};

Frame frame_of(Events const& events, double cell) {
    geo::Box box;
    for (auto const& at : events.metres) box.extend(at);
    double const west = std::floor(box.min_x / cell) * cell;
    double const north = std::floor(box.max_y / cell) * cell + cell;
    double const columns = std::floor((box.max_x - west) / cell) + 1;
    double const rows = std::ceil((north - box.min_y) / cell) + 1;
    if (columns * rows > double(most_cells))
        throw geo::Error{geo::Code::too_large,
                         "too-many-cells",
                         {{"cells", fmt::format("{:.0f}", columns * rows)},
                          {"accepted", std::to_string(most_cells)}}};
    return {{std::int32_t(columns), std::int32_t(rows)}, west, north, cell, cell, events.srid};
}

void span_times(Events const& events, double step, Count& count) {
    std::optional<std::int64_t> first;
    std::optional<std::int64_t> last;
    for (auto const& begin : events.begins)
        if (begin) {
            first = std::min(first.value_or(*begin), *begin);
            last = std::max(last.value_or(*begin), *begin);
        }
    if (!first) return;
    // Whole steps back from the last event: a step that is not over would look cold.
    double const times = std::max(1.0, std::floor(double(*last - *first + 1) / (step * day)));
    count.begin = *last + 1 - std::int64_t(times * step * day);
    if (times * double(count.frame.shape.cells()) > double(most_cells))
        throw geo::Error{
            geo::Code::too_large,
            "too-many-cells",
            {{"cells", fmt::format("{:.0f}", times * double(count.frame.shape.cells()))},
             {"accepted", std::to_string(most_cells)}}};
    count.times = std::size_t(times);
}

/// Cells farther than the band from every event are no part of the study: nothing says that
/// anything could have happened there.
void leave_out_far(Count& count, double band) {
    auto const& shape = count.frame.shape;
    std::vector<std::uint8_t> near(shape.cells(), 0);
    auto const reach = std::int32_t(band);
    for (std::int32_t row = 0; row < shape.rows; ++row)
        for (std::int32_t column = 0; column < shape.columns; ++column) {
            if (count.totals[shape.index(column, row)] == 0) continue;
            for (std::int32_t v = -reach; v <= reach; ++v) {
                auto const r = row + v;
                if (r < 0 || r >= shape.rows) continue;
                auto const half = std::int32_t(std::sqrt(band * band - double(v) * v));
                auto const from = std::max(column - half, 0);
                auto const to = std::min(column + half, shape.columns - 1);
                std::fill(near.begin() + std::ptrdiff_t(shape.index(from, r)),
                          near.begin() + std::ptrdiff_t(shape.index(to, r)) + 1, std::uint8_t{1});
            }
        }
    for (std::size_t i = 0; i < near.size(); ++i) {
        count.studied += near[i];
        if (near[i] != 0) continue;
        for (std::size_t t = 0; t < count.times; ++t)
            count.values[t * near.size() + i] = std::nan("");
    }
}

Count count_events(Events const& events, SpotInputs const& inputs) {
    Count count;
    count.frame = frame_of(events, inputs.cell);
    if (inputs.step) span_times(events, *inputs.step, count);
    auto const cells = count.frame.shape.cells();
    count.values.assign(cells * count.times, 0);
    count.totals.assign(cells, 0);
    for (std::size_t i = 0; i < events.metres.size(); ++i) {
        std::size_t time = 0;
        if (inputs.step) {
            if (!events.begins[i]) {
                ++count.untimed;
                continue;
            }
            if (*events.begins[i] < count.begin) {
                ++count.before;
                continue;
            }
            time = std::size_t(double(*events.begins[i] - count.begin) / (*inputs.step * day));
        }
        auto const cell = count.frame.cell(events.metres[i]);
        if (!cell) continue; // on the outermost side, to a rounding
        auto const at = count.frame.shape.index(cell->column, cell->row);
        count.values[std::min(time, count.times - 1) * cells + at] += events.weights[i];
        count.totals[at] += events.weights[i];
    }
    leave_out_far(count, inputs.band / inputs.cell);
    return count;
}

/// A cell that is significant, as it is told.
Json told(Count const& count, std::size_t cell, geo::hotspot::Score const& score, double p,
          double adjusted) {
    return {{"kind", score.z > 0 ? "hot" : "cold"},
            {"count", count.totals[cell]},
            {"z", score.z},
            {"p", p},
            {"adjusted_p", adjusted},
            {"neighbours", score.neighbours}};
}

/// Writes features of cells, and counts them.
class SpotFile {
public:
    SpotFile(std::filesystem::path file, Frame const& frame)
        : m_file{std::move(file)}, m_frame{frame},
          m_degrees{geo::Transform::between(frame.srid, 4326)}, m_out{m_file} {
        m_out << R"({"type":"FeatureCollection","features":[)";
    }
    void add(std::size_t cell, Json const& properties) {
        auto const columns = std::size_t(m_frame.shape.columns);
        auto const box = m_frame.box(
            geo::raster::Cell{std::int32_t(cell % columns), std::int32_t(cell / columns)});
        auto square = geo::ops::rectangle(box);
        square.srid = 4326;
        m_degrees.apply(square.positions);
        std::string shape;
        geo::codec::append_geojson(shape, square);
        m_out << (m_count == 0 ? "\n" : ",\n") << R"({"type":"Feature","properties":)"
              << properties.dump() << R"(,"geometry":)" << shape << "}";
        ++m_count;
    }
    void finish() {
        m_out << "]}\n";
        close_file(m_out, m_file);
    }
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return m_file; }

private:
    std::filesystem::path m_file;
    Frame m_frame;
    geo::Transform m_degrees;
    std::ofstream m_out;
    std::size_t m_count = 0;
};

Json find_spots(Count const& count, SpotInputs const& inputs, SpotFile& file) {
    auto const scores =
        geo::hotspot::gi_star(count.frame.shape, count.values, inputs.band / inputs.cell);
    std::vector<double> p(scores.size());
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = geo::hotspot::two_sided(scores[i].z);
    auto const adjusted = geo::hotspot::adjust_for_false_discovery(p);
    std::size_t hot = 0;
    std::size_t cold = 0;
    double least_p = 1;
    for (std::size_t i = 0; i < p.size(); ++i) {
        if (!(adjusted[i] <= 1)) continue;
        least_p = std::min(least_p, p[i]);
        if (adjusted[i] > inputs.level) continue;
        ++(scores[i].z > 0 ? hot : cold);
        file.add(i, told(count, i, scores[i], p[i], adjusted[i]));
    }
    return {{"cells", count.studied}, {"hot", hot}, {"cold", cold}, {"least_p", least_p}};
}

Json find_moving_spots(Count const& count, SpotInputs const& inputs, SpotFile& file) {
    auto const places =
        geo::hotspot::find_emerging({count.frame.shape, count.times}, count.values,
                                    inputs.band / inputs.cell, inputs.back, inputs.level);
    Json patterns = Json::object();
    std::size_t hot = 0;
    std::size_t cold = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
        auto const& place = places[i];
        if (place.pattern == geo::hotspot::Pattern::none) continue;
        ++(place.hot ? hot : cold);
        auto const pattern =
            fmt::format("{} {}", to_string(place.pattern), place.hot ? "hot" : "cold");
        patterns[pattern] = patterns.value(pattern, 0) + 1;
        file.add(i, {{"kind", place.hot ? "hot" : "cold"},
                     {"pattern", to_string(place.pattern)},
                     {"count", count.totals[i]},
                     {"hot_times", place.hot_times},
                     {"cold_times", place.cold_times},
                     {"z", place.last_z},
                     {"adjusted_p", place.last_adjusted_p},
                     {"trend_z", place.trend.z},
                     {"trend_p", place.trend.p}});
    }
    return {{"cells", count.studied},
            {"times", count.times},
            {"hot", hot},
            {"cold", cold},
            {"patterns", std::move(patterns)}};
}

Outcome run_hot_spots(Work& work) {
    auto const inputs = read_inputs(work.inputs);
    auto const events = read_events(work, inputs.collection, inputs.weight);
    if (events.metres.empty())
        throw geo::Error{geo::Code::bad_input, "no-events", {{"collection", inputs.collection}}};
    auto const count = count_events(events, inputs);
    SpotFile file{work.folder / "hot-spots.geojson", count.frame};
    Outcome outcome;
    outcome.values["spots"] =
        inputs.step ? find_moving_spots(count, inputs, file) : find_spots(count, inputs, file);
    file.finish();
    auto details = events_json(events, work.inputs);
    details["cell_m"] = inputs.cell;
    details["band_m"] = inputs.band;
    details["level"] = inputs.level;
    details["untimed"] = count.untimed;
    details["before_first_step"] = count.before;
    details["method"] =
        inputs.step ? "Getis-Ord Gi* over neighbours in space and the steps before (binary "
                      "weights), p adjusted by Benjamini and Hochberg over all cells and times, "
                      "Mann-Kendall of each cell's z"
                    : "Getis-Ord Gi* (binary weights, itself among them), two-sided p of the "
                      "normal, adjusted by Benjamini and Hochberg over all cells";
    details["study"] = "cells with an event within the band";
    if (inputs.step) details["step_days"] = *inputs.step;
    outcome.values["details"] = std::move(details);
    outcome.file = {file.path(), "hot-spots.geojson", "application/geo+json"};
    return outcome;
}

Json describe_inputs() {
    auto inputs = describe_event_inputs();
    auto const number = [](double least, double most) {
        return Json{{"type", "number"}, {"minimum", least}, {"maximum", most}};
    };
    inputs["cell"] = described_input("Side of a cell, m", number(10, 100'000));
    inputs["band"] = described_input("Metres within which cells are neighbours", number(10, 1e6));
    inputs["level"] =
        described_input("Adjusted p at most so high is significant", number(1e-6, 0.5));
    inputs["weight"] =
        described_input("A field that an event counts as much as", {{"type", "string"}});
    inputs["step_days"] = described_input("Length of a step of time; absent: time does not matter",
                                          number(1.0 / 24, 3660));
    inputs["steps_back"] = described_input("Steps before that are neighbours too", number(0, 100));
    return inputs;
}

} // namespace

Process hot_spots_process() {
    return {
        .id = "hot-spots",
        .title = {"Điểm nóng", "Hot spots"},
        .description = {"Nơi sự việc tập trung hơn ngẫu nhiên (Getis–Ord Gi*), có kiểm soát phát "
                        "hiện sai; theo bước thời gian thì cả điểm nóng mới nổi.",
                        "Where events gather more than chance has it (Getis-Ord Gi*), with false "
                        "discoveries under control; by steps of time, emerging ones too."},
        .inputs = describe_inputs(),
        .outputs = {{"file",
                     {{"title", "Significant cells"},
                      {"schema", {{"type", "string"}, {"format", "binary"}}}}},
                    {"spots", {{"title", "How many"}, {"schema", {{"type", "object"}}}}},
                    {"details",
                     {{"title", "Inputs, method, parameters"}, {"schema", {{"type", "object"}}}}}},
        .reads = [](Json const& inputs) { return std::vector{read_inputs(inputs).collection}; },
        .check =
            [](Json const& inputs, Registries const& registries, Policies const& policies) {
                check_events(inputs, registries, policies, read_inputs(inputs).weight);
            },
        .run = run_hot_spots};
}

} // namespace diaban::services::domain
