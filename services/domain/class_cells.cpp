#include "services/domain/class_cells.hpp"

#include "data/gdal/raster_source.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "services/domain/coverage_shelf.hpp"
#include "services/domain/process_inputs.hpp"
#include "services/domain/standing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <utility>
#include <variant>

namespace diaban::services::domain {

namespace {

using data::model::Coverage;
using geo::landuse::Label;
using geo::raster::Window;

constexpr std::size_t most_zones = 2'000'000;

Label label_of(float cell) {
    if (std::isnan(cell)) return geo::landuse::unknown;
    if (!(cell >= 0 && cell <= float(most_class)) || cell != std::floor(cell))
        throw geo::Error{
            geo::Code::bad_input,
            "not-classes",
            {{"value", fmt::format("{}", cell)}, {"accepted", fmt::format("0 … {}", most_class)}}};
    return Label(cell);
}

/// Files of layers, open for one thread.
struct OpenLayers {
    std::vector<data::gdal::RasterSource> sources;
    std::vector<float> cells;

    void read(Window const& window, std::span<Label> into) {
        for (std::size_t layer = 0; layer < sources.size(); ++layer) {
            cells.resize(window.shape().cells());
            sources[layer].read(window, cells);
            for (std::size_t i = 0; i < into.size(); ++i) {
                auto const label = label_of(cells[i]);
                into[i] = layer == 0 ? label : geo::landuse::change_label(into[i], label);
            }
        }
    }
};

ExtractRequest zone_request(Json const& inputs, data::model::Collection const& collection,
                            geo::Policy const& policy) {
    return read_extract(query_input(inputs, zone_parameters), collection, policy);
}

} // namespace

void check_classes(std::string_view input, Coverage const& coverage) {
    if (coverage.quantity != "land_cover" || coverage.files.empty())
        refuse_input(input, coverage.id, "a coverage of classes (land_cover)");
    if (geo::is_geographic(coverage.frame.srid))
        refuse_input(input, coverage.id, "a coverage in metres");
}

void check_alike(Coverage const& one, Coverage const& other) {
    if (one.frame == other.frame) return;
    throw geo::Error{geo::Code::bad_input, "frames-differ", {{"one", one.id}, {"other", other.id}}};
}

std::vector<geo::landuse::LabelReader> class_readers(CoverageWork const& coverages,
                                                     std::vector<Coverage> const& layers,
                                                     unsigned threads) {
    std::vector<geo::landuse::LabelReader> readers;
    for (unsigned i = 0; i < threads; ++i) {
        auto const open = std::make_shared<OpenLayers>();
        for (auto const& layer : layers)
            open->sources.push_back(coverages.open(layer.files.back()));
        readers.emplace_back(
            [open](Window const& window, std::span<Label> into) { open->read(window, into); });
    }
    return readers;
}

Label class_input(std::string_view input, std::string const& text) {
    int number = -1;
    auto const* const end = text.data() + text.size();
    auto const [stop, fault] = std::from_chars(text.data(), end, number);
    if (fault != std::errc{} || stop != end || number < 0 || number > most_class)
        refuse_input(input, text, fmt::format("classes 0 … {}", most_class));
    return Label(number);
}

std::map<Label, double> accuracy_input(Json const& inputs) {
    std::map<Label, double> read;
    auto const at = inputs.find("accuracy");
    if (at == inputs.end()) return read;
    if (!at->is_object()) refuse_input("accuracy", at->dump(), R"({"class": 0 … 1, …})");
    for (auto const& [name, value] : at->items())
        read[class_input("accuracy", name)] = number_input(*at, name, 1, 0, 1);
    return read;
}

std::vector<std::string_view> zone_inputs(std::span<std::string_view const> own) {
    std::vector<std::string_view> names{"collection"};
    names.insert(names.end(), std::begin(zone_parameters), std::end(zone_parameters));
    names.insert(names.end(), own.begin(), own.end());
    return names;
}

void describe_zone_inputs(Json& inputs, std::string_view collection) {
    inputs["collection"] = described_input(collection, {{"type", "string"}});
    for (auto const* const name : zone_parameters)
        inputs[name] = described_input(fmt::format("As the parameter {} of items", name),
                                       {{"type", "string"}});
    inputs["filter"]["schema"] = {
        {"oneOf", Json::array({{{"type", "string"}}, {{"type", "object"}}})}};
    inputs["bbox"]["schema"] = {
        {"oneOf",
         Json::array({{{"type", "string"}},
                      {{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", 4}}})}};
}

void check_zones(Json const& inputs, data::model::Collection const& collection,
                 geo::Policy const& policy) {
    if (collection.schema.geometry != geo::GeometryKind::polygon)
        refuse_input("collection", collection.schema.id, "a collection of polygons");
    static_cast<void>(zone_request(inputs, collection, policy));
}

std::string ClassZones::text(std::size_t zone, std::string_view field) const {
    auto const at = std::ranges::find(fields, field, &geo::Field::name);
    if (at == fields.end()) return {};
    auto const& value = values[zone][std::size_t(at - fields.begin())];
    if (auto const* const text = std::get_if<std::string>(&value)) return *text;
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
    if (auto const* const real = std::get_if<double>(&value)) return fmt::format("{}", *real);
    return {};
}

ClassZones read_zones(Work const& work, data::model::Collection const& collection,
                      geo::raster::Frame const& frame) {
    auto const& policy = work.policies.at(collection.schema.id);
    auto request = zone_request(work.inputs, collection, policy);
    if (request.boxes.empty()) request.boxes = {degrees_of(frame)};
    if (!request.period) {
        auto const now = now_microseconds();
        request.period = geo::Period{now, now};
    }
    ClassZones zones;
    zones.fields = data::model::visible(collection.schema, policy).fields;
    auto const to_raster = geo::Transform::between(4326, frame.srid);
    chosen_features(work.database, request, [&](geo::Feature& feature, geo::Period const&) {
        if (feature.geometry.empty()) return;
        to_raster.apply(feature.geometry.positions);
        feature.geometry.srid = frame.srid;
        zones.shapes.push_back(std::move(feature.geometry));
        zones.fids.push_back(feature.fid);
        zones.values.push_back(std::move(feature.values));
        if (zones.fids.size() > most_zones)
            throw geo::Error{
                geo::Code::too_large, "too-many-zones", {{"accepted", std::to_string(most_zones)}}};
    });
    return zones;
}

geo::landuse::Progress class_progress(Work const& work) {
    return [&work](std::uint64_t done, std::uint64_t of) {
        work.progress.at(done, of);
        work.progress.rest();
        return true;
    };
}

Json coverage_json(Coverage const& coverage) {
    Json json{{"coverage", coverage.id},
              {"origin", to_string(coverage.origin)},
              {"sha256", coverage.files.back().sha256},
              {"crs", fmt::format("EPSG:{}", coverage.frame.srid)},
              {"cell_m", {coverage.frame.width, coverage.frame.height}}};
    if (auto const& at = coverage.files.back().at) {
        std::string text;
        geo::codec::append_instant(text, *at);
        json["datetime"] = text;
    }
    return json;
}

} // namespace diaban::services::domain
