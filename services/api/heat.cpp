#include "services/api/heat.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/hotspot/significance.hpp"
#include "services/api/json.hpp"
#include "services/api/local_times.hpp"
#include "services/api/parameters.hpp"
#include "services/api/question.hpp"
#include "services/domain/heat_shelf.hpp"
#include "services/http/negotiation.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace diaban::services::api {

namespace {

constexpr double least_radius = 10;     // m
constexpr double most_radius = 200'000; // m
constexpr double usual_pixels = 20;     // at the equator
constexpr std::uint32_t usual_zoom = 12;
constexpr std::size_t most_steps = 2000;
constexpr char live[] = "no-cache";
constexpr char method[] =
    "quartic kernel of radius_m metres on the WGS 84 ellipsoid; linear binning";

/// What heat is asked of: points, and only those that the visitor sees.
struct Asked {
    std::shared_ptr<domain::View const> view;
    domain::HeatQuestion question;
};

Asked read_asked(Backing const& backing, http::Context const& context, std::string const& id) {
    auto read = read_question(backing, context, id);
    if (read.view->collection.schema.geometry != geo::GeometryKind::point)
        throw geo::Error{geo::Code::bad_input, "heat-of-points", {{"collection", id}}};
    Asked asked{read.view, {std::move(read.choice), read_local_times(context.query), nullptr}};
    if (auto const name = context.query.find("weight"))
        asked.question.weight = &read_field(*asked.view, context.policy(id), *name, is_number);
    return asked;
}

/// A radius that is about 20 pixels wide at a zoom.
double usual_radius(std::uint32_t zoom) noexcept {
    constexpr double pixel = 156'543.03392804097; // m, at the equator at zoom 0
    return std::clamp(usual_pixels * pixel / std::exp2(zoom), least_radius, most_radius);
}

double read_number(http::Query const& query, std::string_view name, double least, double most,
                   std::string_view unit, double otherwise) {
    auto const text = query.find(name);
    if (!text) return otherwise;
    auto const value = finite_number(*text);
    if (!value || *value < least || *value > most)
        refuse_parameter(name, *text, fmt::format("{}..{} ({})", least, most, unit));
    return *value;
}

double read_radius(http::Query const& query, std::uint32_t zoom) {
    return read_number(query, "radius", least_radius, most_radius, "m", usual_radius(zoom));
}

Json colours() {
    Json list = Json::array();
    auto const all = tiles::heat_colours();
    for (std::size_t i = 0; i < all.size(); ++i) {
        double const share = double(i) / double(all.size() - 1);
        list.push_back({{"share_of_top", share * share},
                        {"colour", fmt::format("#{:02x}{:02x}{:02x}{:02x}", all[i].red,
                                               all[i].green, all[i].blue, all[i].opacity)}});
    }
    return list;
}

class HeatApi {
public:
    explicit HeatApi(Backing const& backing) : m_backing{backing} {}

    http::Response about(http::Context const& context, std::string const& id) {
        check_json_form(context);
        auto const asked = read_asked(m_backing, context, id);
        auto const zoom = read_whole(context.query, "zoom", 0, tiles::TileId::max_zoom);
        auto const radius = read_radius(context.query, zoom.value_or(usual_zoom));
        auto const points = points_of(asked, context, id);
        auto tiles =
            link("item",
                 fmt::format("{}/collections/{}/heat/tiles/{{z}}/{{x}}/{{y}}", context.origin, id),
                 "image/png");
        tiles["templated"] = true;
        Json const body{{"collection", id},
                        {"count", points->points.size()},
                        {"weight", points->points.weight()},
                        {"radius_m", radius},
                        {"unit", "1/km2"},
                        {"top", points->top(radius)},
                        {"peak_of_one", tiles::heat_peak(radius)},
                        {"colours", colours()},
                        {"method", method},
                        {"links", Json::array({std::move(tiles)})}};
        return represent(context, {"application/json", dump(body)});
    }

    http::Response tile(http::Context const& context, std::string const& id, std::uint32_t zoom,
                        std::uint32_t column, std::uint32_t row) {
        auto const place = tiles::TileId::make(zoom, column, row);
        if (!place)
            throw geo::Error{geo::Code::not_found,
                             "not-a-tile",
                             {{"value", fmt::format("{}/{}/{}", zoom, column, row)},
                              {"accepted", "zoom 0..19, column and row 0..2^zoom - 1"}}};
        auto const form = context.query.find("f").value_or("png");
        if (form != "png" && form != "json") refuse_parameter("f", form, "png, json");
        auto const asked = read_asked(m_backing, context, id);
        auto const radius = read_radius(context.query, zoom);
        auto const points = points_of(asked, context, id);
        auto const heat = tiles::heat_of(points->points, *place, radius);
        if (form == "json") return grid(context, *place, radius, heat);
        constexpr double most = 1e12;
        auto const top = read_number(context.query, "top", 1e-9, most, "1/km2",
                                     std::max(points->top(radius), 1e-9));
        auto picture = tiles::heat_picture(heat, top);
        auto const etag = http::etag_of(picture);
        if (http::names_etag(context.request.header_list("if-none-match"), etag))
            return http::not_modified(etag, live, "");
        auto response = http::answer(200, "image/png", std::move(picture));
        response.with("ETag", etag).with("Cache-Control", live);
        response.with("Diaban-Radius", fmt::format("{:.6g}", radius));
        response.with("Diaban-Weight", fmt::format("{:.9g}", heat.weight));
        return response;
    }

    http::Response rhythm(http::Context const& context, std::string const& id) {
        check_json_form(context);
        auto const question = read_question(m_backing, context, id);
        auto const chosen = choose(question, context, id);
        auto const found = domain::rhythm_of(chosen);
        Json days = Json::array();
        std::uint64_t count = 0;
        for (auto const& day : found.counts) {
            days.push_back(day);
            for (auto const hour : day) count += hour;
        }
        Json const body{{"collection", id},
                        {"count", count},
                        {"untimed", found.untimed},
                        {"time", "UTC+07:00"},
                        {"counts", std::move(days)}};
        return represent(context, {"application/json", dump(body)});
    }

    http::Response trend(http::Context const& context, std::string const& id) {
        check_json_form(context);
        auto const question = read_question(m_backing, context, id);
        auto const name = context.query.find("step").value_or("month");
        if (name != "day" && name != "week" && name != "month")
            refuse_parameter("step", name, "day, week, month");
        auto const chosen = choose(question, context, id);
        auto const step = name == "day"    ? domain::SeriesStep::day
                          : name == "week" ? domain::SeriesStep::week
                                           : domain::SeriesStep::month;
        auto const series = domain::series_of(chosen, step, most_steps);
        std::vector<double> values(series.counts.begin(), series.counts.end());
        auto const trend = geo::hotspot::mann_kendall(values);
        Json list = Json::array();
        for (std::size_t i = 0; i < series.counts.size(); ++i)
            list.push_back(
                {{"begin", geo::codec::date_text(series.begins[i])}, {"count", series.counts[i]}});
        Json const body{
            {"collection", id},
            {"step", name},
            {"time", "UTC+07:00"},
            {"series", std::move(list)},
            {"trend",
             {{"method", "Mann-Kendall, ties and continuity accounted for; Sen's slope"},
              {"s", trend.s},
              {"variance", trend.variance},
              {"z", trend.z},
              {"p", trend.p},
              {"slope", trend.slope}}}};
        return represent(context, {"application/json", dump(body)});
    }

private:
    [[nodiscard]] std::shared_ptr<domain::HeatSet const>
    points_of(Asked const& asked, http::Context const& context, std::string const& id) {
        return m_shelf.points(*asked.view, m_backing.store, asked.question, context.policy(id));
    }

    [[nodiscard]] std::vector<domain::ChosenRows>
    choose(Question const& question, http::Context const& context, std::string const& id) const {
        auto chosen = domain::choose_rows(*question.view, m_backing.store, question.choice,
                                          context.policy(id));
        domain::keep_local_times(read_local_times(context.query), chosen);
        return chosen;
    }

    static http::Response grid(http::Context const& context, tiles::TileId tile, double radius,
                               tiles::Heat const& heat) {
        auto body = fmt::format(
            R"({{"zoom":{},"column":{},"row":{},"side":{},"radius_m":{},"unit":"1/km2","method":"{}",)"
            R"("weight":{:.9g},"error":{{"share_of_peak":{:.4g},"peak_of_one":{:.6g}}},)"
            R"("computed_in_pixels":{},"density":[)",
            tile.zoom(), tile.x(), tile.y(), tiles::heat_side, radius, method, heat.weight,
            heat.error, tiles::heat_peak(radius), heat.coarse);
        for (auto const value : heat.per_km2) {
            if (value == 0)
                body += '0';
            else
                fmt::format_to(std::back_inserter(body), "{:.6g}", value);
            body += ',';
        }
        body.back() = ']';
        body += '}';
        return represent(context, {"application/json", std::move(body)});
    }

    Backing const& m_backing;
    domain::HeatShelf m_shelf;
};

} // namespace

void add_heat(http::Router& router, Backing const& backing) {
    auto const heat = std::make_shared<HeatApi>(backing);
    router.get(access::Need::read, "/collections/{collectionId}/heat/tiles/{zoom}/{column}/{row}",
               {"f", "datetime", "filter", "filter-lang", "filter-crs", "weight", "radius", "top",
                "hours", "weekdays"},
               [heat](http::Context const& context, std::string const& id, std::uint32_t zoom,
                      std::uint32_t column,
                      std::uint32_t row) { return heat->tile(context, id, zoom, column, row); });
    router.get(access::Need::read, "/collections/{collectionId}/heat",
               question_parameters({"weight", "radius", "zoom", "hours", "weekdays"}),
               [heat](http::Context const& context, std::string const& id) {
                   return heat->about(context, id);
               });
    router.get(access::Need::read, "/collections/{collectionId}/rhythm",
               question_parameters({"hours", "weekdays"}),
               [heat](http::Context const& context, std::string const& id) {
                   return heat->rhythm(context, id);
               });
    router.get(access::Need::read, "/collections/{collectionId}/trend",
               question_parameters({"step", "hours", "weekdays"}),
               [heat](http::Context const& context, std::string const& id) {
                   return heat->trend(context, id);
               });
}

} // namespace diaban::services::api
