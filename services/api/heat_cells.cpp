#include "services/domain/heat_cells.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/heat.hpp"
#include "services/api/json.hpp"
#include "services/api/local_times.hpp"
#include "services/api/parameters.hpp"
#include "services/api/question.hpp"
#include "services/domain/time_fields.hpp"
#include "services/domain/units.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace diaban::services::api {

namespace {

using domain::HeatCell;
using geo::hotspot::CellKind;
using geo::hotspot::Lattice;

constexpr std::size_t most_cells = 10'000;
constexpr double least_size = 50;     // m
constexpr double most_size = 200'000; // m
constexpr double usual_size = 2000;   // m
constexpr char lattice_method[] =
    "cells of equal area on WGS 84: cylindrical equal-area projection, true to scale at 16 N; "
    "size is from side to side";
constexpr char unit_method[] =
    "points counted by the unit that holds them; per km2 of its official area";

double read_size(http::Query const& query) {
    auto const text = query.find("size");
    if (!text) return usual_size;
    auto const metres = finite_number(*text);
    if (!metres || *metres < least_size || *metres > most_size)
        refuse_parameter("size", *text, fmt::format("{}..{} (m)", least_size, most_size));
    return *metres;
}

/// Points, those of the times asked for, and what each counts.
struct Chosen {
    std::shared_ptr<domain::View const> view;
    std::vector<domain::ChosenRows> rows;
    geo::Field const* weight = nullptr;
};

Chosen choose(Backing const& backing, http::Context const& context, std::string const& id) {
    auto const question = read_question(backing, context, id);
    if (question.view->collection.schema.geometry != geo::GeometryKind::point)
        throw geo::Error{geo::Code::bad_input, "heat-of-points", {{"collection", id}}};
    auto const& policy = context.policy(id);
    Chosen chosen{question.view, {}, nullptr};
    if (auto const name = context.query.find("weight"))
        chosen.weight = &read_field(*chosen.view, policy, *name, is_number);
    chosen.rows = domain::choose_rows(*chosen.view, backing.store, question.choice, policy);
    domain::keep_local_times(read_local_times(context.query), chosen.rows);
    return chosen;
}

/// Features with what each holds; and how far the densities go.
class Told {
public:
    void add(std::string const& id, std::string const& geometry, Json properties,
             HeatCell const& cell, double km2) {
        auto const density = km2 > 0 ? Json(cell.weight / km2) : Json();
        if (km2 > 0) m_top = std::max(m_top, cell.weight / km2);
        properties["count"] = cell.count;
        properties["weight"] = cell.weight;
        properties["per_km2"] = density;
        m_features +=
            fmt::format(R"({}{{"type":"Feature","id":"{}","geometry":{},"properties":{}}})",
                        m_features.empty() ? "" : ",", id, geometry, dump(properties));
    }

    http::Response answer(http::Context const& context, Json about, HeatCell const& all) const {
        about["count"] = all.count;
        about["weight"] = all.weight;
        about["unit"] = "1/km2";
        about["top"] = m_top;
        auto body = dump(about);
        body.pop_back(); // the object goes on
        body += R"(,"type":"FeatureCollection","features":[)" + m_features + "]}";
        return represent(context, {"application/geo+json", std::move(body)});
    }

private:
    std::string m_features;
    double m_top = 0;
};

http::Response by_cell(Chosen const& chosen, http::Context const& context, Json about,
                       CellKind kind) {
    Lattice const lattice{kind, read_size(context.query)};
    auto const found = domain::cells_of(chosen.rows, chosen.weight, lattice, most_cells);
    Told told;
    for (auto const& [cell, held] : found.cells) {
        std::string shape;
        geo::codec::append_geojson(shape, lattice.outline(cell));
        told.add(fmt::format("{},{}", cell.column, cell.row), shape, Json::object(), held,
                 lattice.area_m2() / 1e6);
    }
    about["size_m"] = lattice.across();
    about["cell_km2"] = lattice.area_m2() / 1e6;
    about["elsewhere"] = 0;
    about["unlocated"] = found.unlocated;
    about["method"] = lattice_method;
    return told.answer(context, std::move(about), found.all);
}

http::Response by_unit(Backing const& backing, domain::UnitAreas& kept, Chosen const& chosen,
                       http::Context const& context, Json about, std::string_view level) {
    auto const on = read_day(context.query, "on").value_or(domain::local_today());
    auto const units = kept.of(backing.atlas.view("places"), level, on, context.policy("places"));
    auto const found = domain::units_of(chosen.rows, chosen.weight, *units->areas);
    Told told;
    for (auto const& [part, held] : found.units) {
        auto const& place = *units->places[part];
        told.add(place.code, "null",
                 {{"code", place.code}, {"name", place.full_name}, {"fid", place.fid}}, held,
                 place.area_km2.value_or(0));
    }
    about["on"] = geo::codec::date_text(on);
    about["elsewhere"] = found.elsewhere.count;
    about["unlocated"] = found.unlocated;
    about["method"] = unit_method;
    return told.answer(context, std::move(about), found.all);
}

http::Response answer(Backing const& backing, domain::UnitAreas& kept, http::Context const& context,
                      std::string const& id) {
    check_json_form(context);
    auto const by = context.query.find("by").value_or("hexagon");
    bool const unit = by == "commune" || by == "district" || by == "province";
    if (!unit && by != "hexagon" && by != "square")
        refuse_parameter("by", by, "hexagon, square, commune, district, province");
    auto const chosen = choose(backing, context, id);
    Json about{{"collection", id}, {"by", by}};
    if (unit) return by_unit(backing, kept, chosen, context, std::move(about), by);
    return by_cell(chosen, context, std::move(about),
                   by == "square" ? CellKind::square : CellKind::hexagon);
}

} // namespace

void add_heat_cells(http::Router& router, Backing const& backing) {
    auto const kept = std::make_shared<domain::UnitAreas>();
    router.get(access::Need::read, "/collections/{collectionId}/heat/cells",
               question_parameters({"by", "size", "on", "weight", "hours", "weekdays"}),
               [&backing, kept](http::Context const& context, std::string const& id) {
                   return answer(backing, *kept, context, id);
               });
}

} // namespace diaban::services::api
