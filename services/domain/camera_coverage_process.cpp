#include "services/domain/camera_coverage_process.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/error.hpp"
#include "geo/ops/overlay.hpp"
#include "geo/raster/outline.hpp"
#include "services/domain/camera_sight.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/event_points.hpp"
#include "services/domain/process_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>

namespace diaban::services::domain {

namespace {

using data::model::Coverage;
using geo::raster::Frame;
using geo::terrain::Sight;

constexpr std::array<std::string_view, 6> known{"terrain", "bbox",   "cell",
                                                "target",  "filter", "of"};
constexpr std::size_t most_cells = std::size_t{1} << 24U;
constexpr std::size_t most_cameras = 5000;
constexpr std::size_t most_told = 1000; ///< features that no camera sees, by number
constexpr std::uint8_t most_times = 254;
constexpr std::uint8_t no_ground = 255;
constexpr std::array<int, 4> classes{0, 1, 2, 3}; ///< the last: so many and more
constexpr char cameras[] = "cameras";

struct CoverInputs {
    std::string terrain;
    geo::Box box; ///< EPSG:4326
    double cell = 10;
    double target = 1.7;
    std::string of; ///< a collection whose features are counted; empty: none
};

CoverInputs read_inputs(Json const& inputs) {
    check_input_names(inputs, known);
    CoverInputs read;
    read.terrain = text_input(inputs, "terrain", "a coverage of heights");
    auto const at = inputs.find("bbox");
    auto const refuse = [&] {
        refuse_input("bbox", at == inputs.end() ? "" : at->dump(), "[west, south, east, north]");
    };
    if (at == inputs.end() || !at->is_array() || at->size() != 4) refuse();
    for (auto const& one : *at)
        if (!one.is_number()) refuse();
    read.box = {(*at)[0], (*at)[1], (*at)[2], (*at)[3]};
    if (!(read.box.min_x < read.box.max_x && read.box.min_y < read.box.max_y &&
          read.box.min_x >= -180 && read.box.max_x <= 180 && read.box.min_y >= -85 &&
          read.box.max_y <= 85))
        refuse();
    read.cell = number_input(inputs, "cell", 10, 0.5, 1000);
    read.target = number_input(inputs, "target", 1.7, 0, 1000);
    if (inputs.contains("of")) read.of = text_input(inputs, "of", "a collection");
    return read;
}

/// The area as cells of the terrain's CRS.
Frame frame_of(SightTerrain const& terrain, CoverInputs const& inputs) {
    auto const box = geo::box_after(terrain.from_degrees, inputs.box, 16);
    auto const unit =
        terrain.unit_metres({(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2});
    Frame frame;
    frame.srid = terrain.frame.srid;
    frame.width = inputs.cell / unit.x;
    frame.height = inputs.cell / unit.y;
    double const columns = std::ceil((box.max_x - box.min_x) / frame.width);
    double const rows = std::ceil((box.max_y - box.min_y) / frame.height);
    if (columns * rows > double(most_cells))
        throw geo::Error{geo::Code::too_large,
                         "too-many-cells",
                         {{"cells", fmt::format("{:.0f}", columns * rows)},
                          {"accepted", std::to_string(most_cells)}}};
    frame.shape = {std::max(1, std::int32_t(columns)), std::max(1, std::int32_t(rows))};
    frame.west = box.min_x;
    frame.north = box.max_y;
    return frame;
}

/// Features of a collection under the asker's policy, each at its middle.
struct Watched {
    std::vector<std::int64_t> fids;
    std::vector<geo::Position> at; ///< EPSG:4326
};

geo::Position middle_of(geo::Geometry const& shape) {
    if (shape.kind == geo::GeometryKind::point) return shape.positions.front();
    if (shape.kind == geo::GeometryKind::polygon)
        if (auto const inside = geo::ops::point_inside(shape)) return *inside;
    auto const path = shape.path(0);
    return path[path.size() / 2];
}

class Cover {
public:
    explicit Cover(Work& work)
        : m_work{work}, m_inputs{read_inputs(work.inputs)},
          m_coverages{work}, m_terrain{m_coverages.find(m_inputs.terrain)},
          m_from_degrees{geo::Transform::between(4326, m_terrain.frame.srid)},
          m_sight{m_terrain.frame, m_from_degrees}, m_frame{frame_of(m_sight, m_inputs)} {}

    Outcome run() {
        auto const source = m_coverages.open(m_terrain.files.front());
        auto const window = read_window(source, m_sight, m_frame);
        m_times.assign(m_frame.shape.cells(), 0);
        for (std::size_t i = 0; i < m_times.size(); ++i)
            if (std::isnan(window.ground.cells()[i])) m_times[i] = no_ground;
        auto const poses = read_cameras();
        for (std::size_t i = 0; i < poses.size(); ++i) {
            add(window, source, poses[i]);
            m_work.progress.at(i + 1, poses.size() + 1);
        }
        Outcome outcome;
        outcome.values["cameras"] = poses.size();
        outcome.values["areas"] = write(window.width * window.height);
        if (!m_inputs.of.empty()) outcome.values["features"] = count_features();
        outcome.values["details"] = {
            {"inputs", m_work.inputs},
            {"terrain", m_terrain.id},
            {"origin", to_string(m_terrain.origin)},
            {"sha256", m_terrain.files.front().sha256},
            {"cell_m", m_inputs.cell},
            {"method", "lines of sight over terrain alone (R3) from each camera in service to the "
                       "middle of each cell in its range and sector"},
            {"measures", "whole cells"}};
        outcome.file = {m_work.folder / "coverage.geojson", "camera-coverage.geojson",
                        "application/geo+json"};
        return outcome;
    }

private:
    std::vector<CameraPose> read_cameras() {
        auto request = request_of(cameras);
        if (m_work.inputs.contains("filter")) {
            static constexpr char const* names[] = {"filter"};
            auto const chosen =
                read_extract(query_input(m_work.inputs, names), request.collection, request.policy);
            request.filter = chosen.filter;
        }
        auto const fields = data::model::visible(request.collection.schema, request.policy).fields;
        CameraReader const reader{fields};
        std::vector<CameraPose> poses;
        chosen_features(m_work.database, request, [&](geo::Feature& feature, geo::Period const&) {
            auto pose = reader.read(feature);
            if (!pose || !pose->in_service || !reaches(*pose)) return;
            poses.push_back(std::move(*pose));
            if (poses.size() > most_cameras)
                throw geo::Error{geo::Code::too_large,
                                 "too-many-cameras",
                                 {{"accepted", std::to_string(most_cameras)}}};
        });
        return poses;
    }

    [[nodiscard]] ExtractRequest request_of(std::string const& id) const {
        ExtractRequest request;
        request.collection = extracted_collection(m_work.database, id);
        request.policy = m_work.policies.at(id);
        return request;
    }

    [[nodiscard]] bool reaches(CameraPose const& pose) const {
        double const north = pose.range / 110'000;
        double const east = north / std::max(std::cos(pose.at.y * M_PI / 180), 0.01);
        auto const& box = m_inputs.box;
        return pose.at.x + east >= box.min_x && pose.at.x - east <= box.max_x &&
               pose.at.y + north >= box.min_y && pose.at.y - north <= box.max_y;
    }

    /// Counts what one camera sees: over the ground of the area where it stands in it, else over
    /// ground of its own that reaches to it.
    void add(SightWindow const& area, data::gdal::RasterSource const& source,
             CameraPose const& pose) {
        std::vector<geo::Position> one{pose.at};
        m_from_degrees.apply(one);
        geo::Box around;
        around.extend(one.front());
        auto const reach = [&](double metres, double side) { return metres / side + 2; };
        auto const columns = std::int32_t(reach(pose.range, area.width));
        auto const rows = std::int32_t(reach(pose.range, area.height));
        auto const column =
            std::int32_t(std::floor((one.front().x - m_frame.west) / m_frame.width));
        auto const row = std::int32_t(std::floor((m_frame.north - one.front().y) / m_frame.height));
        // Cells of the area's own lattice, whether they lie in it or not.
        geo::raster::Window const part{column - columns, row - rows, 2 * columns + 1, 2 * rows + 1};
        auto const frame = m_frame.part(part);
        auto const window = read_window(source, m_sight, frame);
        auto const watcher = watcher_in(frame, m_sight, pose, m_inputs.target);
        auto const sights = geo::terrain::viewshed(window.view(), watcher, 2);
        for (std::int32_t r = 0; r < part.rows; ++r)
            for (std::int32_t c = 0; c < part.columns; ++c) {
                if (sights[frame.shape.index(c, r)] != Sight::seen) continue;
                if (!m_frame.shape.holds(part.column + c, part.row + r)) continue;
                auto& times = m_times[m_frame.shape.index(part.column + c, part.row + r)];
                if (times < most_times) ++times;
            }
    }

    Json write(double cell_m2) {
        auto const file = m_work.folder / "coverage.geojson";
        std::ofstream out{file};
        out << R"({"type":"FeatureCollection","features":[)";
        auto const to_degrees = geo::Transform::between(m_frame.srid, 4326);
        Json areas = Json::array();
        std::vector<std::uint8_t> marks(m_times.size());
        for (auto const times : classes) {
            bool const more = times == classes.back();
            for (std::size_t i = 0; i < marks.size(); ++i)
                marks[i] =
                    m_times[i] != no_ground && (more ? m_times[i] >= times : m_times[i] == times);
            auto outline = geo::raster::outline(m_frame, marks);
            to_degrees.apply(outline.positions);
            outline.srid = 4326;
            Json const properties{
                {"cameras", times},
                {"or_more", more},
                {"area_m2", double(std::ranges::count(marks, std::uint8_t{1})) * cell_m2}};
            std::string shape;
            geo::codec::append_geojson(shape, outline);
            out << (times == 0 ? "\n" : ",\n") << R"({"type":"Feature","properties":)"
                << properties.dump() << R"(,"geometry":)" << shape << "}";
            areas.push_back(properties);
        }
        out << "]}\n";
        close_file(out, file);
        return areas;
    }

    /// How many features are seen how often, at their middles.
    Json count_features() {
        auto request = request_of(m_inputs.of);
        request.boxes = {m_inputs.box};
        Watched watched;
        chosen_features(m_work.database, request, [&](geo::Feature& feature, geo::Period const&) {
            if (feature.geometry.empty()) return;
            watched.fids.push_back(feature.fid);
            watched.at.push_back(middle_of(feature.geometry));
        });
        m_from_degrees.apply(watched.at);
        std::map<int, std::size_t> counts;
        std::size_t outside = 0;
        Json unseen = Json::array();
        for (std::size_t i = 0; i < watched.fids.size(); ++i) {
            auto const cell = m_frame.cell(watched.at[i]);
            auto const times =
                cell ? m_times[m_frame.shape.index(cell->column, cell->row)] : no_ground;
            if (times == no_ground) {
                ++outside;
                continue;
            }
            ++counts[times];
            if (times == 0 && unseen.size() < most_told) unseen.push_back(watched.fids[i]);
        }
        Json by_times = Json::object();
        for (auto const& [times, count] : counts) by_times[std::to_string(times)] = count;
        return {{"collection", m_inputs.of},
                {"by_cameras", std::move(by_times)},
                {"without_ground", outside},
                {"unseen", std::move(unseen)}};
    }

    Work& m_work;
    CoverInputs m_inputs;
    CoverageWork m_coverages;
    Coverage m_terrain;
    geo::Transform m_from_degrees;
    SightTerrain m_sight;
    Frame m_frame;
    std::vector<std::uint8_t> m_times;
};

void check_cover(Json const& inputs, Registries const& registries, Policies const& policies) {
    auto const read = read_inputs(inputs);
    auto const terrain = registries.coverage(read.terrain);
    if (terrain.quantity != "elevation")
        refuse_input("terrain", terrain.id, "a coverage of the quantity elevation");
    auto const from_degrees = geo::Transform::between(4326, terrain.frame.srid);
    static_cast<void>(frame_of({terrain.frame, from_degrees}, read));
    auto const collection = registries.collection(cameras);
    static constexpr char const* names[] = {"filter"};
    static_cast<void>(read_extract(query_input(inputs, names), collection, policies.at(cameras)));
    if (!read.of.empty()) static_cast<void>(registries.collection(read.of));
}

Json describe_inputs() {
    return {
        {"terrain", described_input("A coverage of heights", {{"type", "string"}}, true)},
        {"bbox",
         described_input(
             "west, south, east, north",
             {{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", 4}, {"maxItems", 4}},
             true)},
        {"cell", described_input("Side of a cell, m",
                                 {{"type", "number"}, {"minimum", 0.5}, {"maximum", 1000}})},
        {"target", described_input("Height above ground of what is to be seen, m",
                                   {{"type", "number"}, {"minimum", 0}, {"maximum", 1000}})},
        {"filter", described_input("Which cameras (CQL2)", {{"type", "string"}})},
        {"of", described_input("A collection whose features are counted by how many cameras "
                               "see their middle",
                               {{"type", "string"}})}};
}

} // namespace

Process camera_coverage_process() {
    return {
        .id = "camera-coverage",
        .title = {"Vùng phủ camera", "Coverage by cameras"},
        .description = {"Mỗi nơi được bao nhiêu camera nhìn thấy qua địa hình, và nơi nào không "
                        "camera nào thấy.",
                        "How many cameras see each place over the terrain, and which none sees."},
        .inputs = describe_inputs(),
        .outputs = {{"file",
                     {{"title", "A multipolygon for none, one, two, three and more"},
                      {"schema", {{"type", "string"}, {"format", "binary"}}}}},
                    {"cameras",
                     {{"title", "How many reach it"}, {"schema", {{"type", "integer"}}}}},
                    {"areas", {{"title", "Areas by class"}, {"schema", {{"type", "array"}}}}},
                    {"features",
                     {{"title", "Features by how many see them"},
                      {"schema", {{"type", "object"}}}}},
                    {"details", {{"title", "Inputs, method"}, {"schema", {{"type", "object"}}}}}},
        .reads =
            [](Json const& inputs) {
                auto const read = read_inputs(inputs);
                std::vector<std::string> names{cameras, read.terrain};
                if (!read.of.empty()) names.push_back(read.of);
                return names;
            },
        .check = check_cover,
        .run = [](Work& work) { return Cover{work}.run(); }};
}

} // namespace diaban::services::domain
