#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/geocode.hpp"
#include "services/api/place_names.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/time_fields.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace diaban::services::api {

namespace {

using data::model::Place;
using domain::Vintage;

/// How surely something lies where it is said to.
enum class Sureness : std::uint8_t {
    certain, ///< by a position, or the code of one unit
    likely,  ///< by a name that is one unit's alone, or a code that a former unit had too
    unsure,  ///< a name with an error in it: the first of several
    none,
};

std::string_view to_string(Sureness sureness) noexcept {
    constexpr std::array<std::string_view, 4> names{"certain", "likely", "unsure", "none"};
    return names[std::size_t(sureness)];
}

struct Tie {
    Sureness sureness = Sureness::none;
    std::optional<geo::Position> position;
    std::vector<Place const*> units;
    std::vector<Place const*> candidates; ///< where it is not certain
    std::string_view reason;              ///< why there is none, or none for certain
};

Tie untied(std::string_view reason) {
    Tie tie;
    tie.reason = reason;
    return tie;
}

/// What was given, and of what kind.
struct Given {
    std::string how; ///< position, code, parcel, camera, facility, address
    std::string text;
    geo::Position position;
    std::optional<geo::Date> on;
    std::int64_t fid = 0;
};

constexpr std::array<std::string_view, 6> ways{"position", "code",     "parcel",
                                               "camera",   "facility", "address"};
constexpr std::string_view accepted_ways =
    "one of position, code, parcel, camera, facility, address";

double number_in(nlohmann::json const& body, char const* name, double most) {
    auto const found = body.find(name);
    if (found == body.end() || !found->is_number() || !std::isfinite(found->get<double>()) ||
        std::abs(found->get<double>()) > most)
        refuse_member(name, found == body.end() ? "" : found->dump().substr(0, 40), "degrees");
    return found->get<double>();
}

Given read_given(nlohmann::json const& body) {
    std::vector<std::string_view> found;
    if (body.is_object())
        for (auto const way : ways)
            if (body.contains(way)) found.push_back(way);
    if (found.size() != 1) refuse_member("position", "", accepted_ways);
    Given given;
    given.how = found.front();
    auto const& value = body[given.how];
    if (given.how == "position") {
        if (!value.is_object()) refuse_member("position", value.dump().substr(0, 40), "{lon, lat}");
        given.position = {number_in(value, "lon", 180), number_in(value, "lat", 90)};
    } else if (given.how == "code" || given.how == "address") {
        given.text = text_in(body, given.how.c_str());
        if (given.text.empty()) refuse_member(given.how, "", "a text");
        return given;
    } else {
        if (!value.is_number_integer() || value < 0)
            refuse_member(given.how, value.dump().substr(0, 40), "the number of a feature");
        given.fid = value.get<std::int64_t>();
    }
    given.text = value.dump().substr(0, 200);
    return given;
}

/// Ties what is given to units, as the visitor may know them.
class Tying {
public:
    Tying(Backing const& backing, http::Context const& context, domain::UnitListCache& cache,
          PlaceNames& names)
        : m_context{context}, m_names{names}, m_picture{backing.atlas.picture()},
          m_policy{context.policy("places")} {
        m_places = m_picture->find("places");
        if (m_places == nullptr || !m_places->places)
            throw geo::Error{geo::Code::unavailable, "not-ready", {{"collection", "places"}}};
        m_lists = cache.of(m_places->places);
    }

    Tie tie(Given const& given) {
        if (given.how == "position") return at(given.position);
        if (given.how == "code") return by_code(given);
        if (given.how == "address") return by_address(given.text);
        return by_feature(given.how == "parcel"   ? "parcels"
                          : given.how == "camera" ? "cameras"
                                                  : "facilities",
                          given.fid);
    }

private:
    [[nodiscard]] bool sees(domain::ListedUnit const& unit) const {
        return m_policy.sees(unit.entry->scope, unit.entry->sensitivity);
    }

    Tie at(geo::Position position) {
        Tie tie;
        tie.position = position;
        tie.units = units_here(m_places, *m_lists, m_names.areas, position, std::nullopt, m_policy);
        if (tie.units.empty())
            tie.reason = "outside";
        else
            tie.sureness = Sureness::certain;
        return tie;
    }

    Tie by_feature(std::string const& collection, std::int64_t fid) {
        auto const view = m_picture->find(collection);
        if (view == nullptr || !m_context.sees(collection)) return untied("no-feature");
        auto const& policy = m_context.policy(collection);
        auto const found = view->layer->find(fid);
        if (!found || found->row >= found->run->located()) return untied("no-feature");
        auto const& of = found->run->class_table[found->run->classes[found->row]];
        if (!policy.sees(of.scope, of.sensitivity)) return untied("no-feature");
        auto const middle = centre_of(*view, fid);
        return middle ? at(*middle) : untied("no-feature");
    }

    /// A unit of the present list and what holds it.
    void put(Tie& tie, domain::ListedUnit const& unit) {
        auto const units = m_lists->units(Vintage::present);
        tie.units.push_back(&unit.place());
        if (auto const up = unit.up[std::size_t(domain::UnitLevel::province)];
            up && units[*up].place().fid != unit.place().fid)
            tie.units.push_back(&units[*up].place());
        tie.position = unit.place().centre;
    }

    Tie by_code(Given const& given) {
        Tie tie;
        auto const present = m_lists->find(Vintage::present, given.text);
        auto const former = m_lists->find(Vintage::former, given.text);
        bool const dated = given.on.has_value();
        bool const was = dated ? m_lists->vintage_of(*given.on) == Vintage::former : !present;
        if (!was && present && sees(m_lists->units(Vintage::present)[*present])) {
            put(tie, m_lists->units(Vintage::present)[*present]);
            auto const name_of = [&](Vintage vintage, std::uint32_t unit) {
                return m_lists->units(vintage)[unit].place().name;
            };
            bool const two =
                former && !dated &&
                name_of(Vintage::former, *former) != name_of(Vintage::present, *present);
            tie.sureness = two ? Sureness::likely : Sureness::certain;
            if (two) {
                tie.reason = "code-of-two";
                tie.candidates.push_back(&m_lists->units(Vintage::former)[*former].place());
            }
            return tie;
        }
        if (!was || !former || !sees(m_lists->units(Vintage::former)[*former])) {
            tie.reason = "no-unit";
            return tie;
        }
        auto const became = m_lists->relatives(Vintage::former, *former);
        for (auto const& one : became)
            tie.candidates.push_back(&m_lists->units(Vintage::present)[one.unit].place());
        if (became.size() != 1) {
            tie.reason = became.empty() ? "no-successor" : "split";
            return tie;
        }
        tie.candidates.clear();
        put(tie, m_lists->units(Vintage::present)[became.front().unit]);
        tie.sureness = Sureness::certain;
        return tie;
    }

    /// The end of an address is the unit: what stands before it is dropped part by part.
    Tie by_address(std::string_view text) {
        auto const gazetteer = m_names.keeper->take();
        auto const policy = [&](std::string_view collection) {
            return m_context.sees(collection) ? &m_context.policy(collection) : nullptr;
        };
        auto const today = domain::local_today();
        auto const wanted = [&](domain::Named const& named) {
            return named.unit != nullptr && domain::existed(named.unit->place, today);
        };
        for (constexpr unsigned most_errors = 1; !text.empty();) {
            auto const found = gazetteer->find(text, 5, most_errors, policy, wanted);
            if (!found.empty() && !found.front().begins) return of_names(found);
            auto const comma = text.find(',');
            text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
        }
        return untied("no-name");
    }

    Tie of_names(std::vector<domain::NameMatch> const& found) {
        Tie tie;
        auto const& first = found.front();
        auto const unit = m_lists->find(Vintage::present, first.named->unit->place.code);
        if (!unit) return untied("no-name");
        put(tie, m_lists->units(Vintage::present)[*unit]);
        for (auto const& other : found)
            if (other.errors == first.errors && other.named != first.named)
                tie.candidates.push_back(&other.named->unit->place);
        bool const alone = first.errors == 0 && tie.candidates.empty();
        tie.sureness = alone ? Sureness::likely : Sureness::unsure;
        if (!alone) tie.reason = first.errors > 0 ? "name-with-error" : "several";
        return tie;
    }

    http::Context const& m_context;
    PlaceNames& m_names;
    std::shared_ptr<domain::Picture const> m_picture;
    geo::Policy const& m_policy;
    std::shared_ptr<domain::View const> m_places;
    std::shared_ptr<domain::UnitLists const> m_lists;
};

Json describe(std::vector<Place const*> const& units) {
    Json list = Json::array();
    for (auto const* const unit : units)
        list.push_back({{"code", unit->code},
                        {"level", unit->level},
                        {"full_name", unit->full_name},
                        {"valid_to", day_json(unit->valid_to)}});
    return list;
}

http::Response answer(Backing const& backing, http::Context const& context,
                      domain::UnitListCache& cache, PlaceNames& names) {
    (void)context.edit_policy("untied");
    auto const body = read_json_body(context, {"application/json"});
    auto given = read_given(body);
    if (auto const on = text_in(body, "on", true); !on.empty()) {
        given.on = geo::codec::read_date(on);
        if (!given.on) refuse_member("on", on, "2025-06-30");
    }
    auto const source = text_in(body, "source");
    if (source.empty()) refuse_member("source", source, "where it comes from");
    auto const tie = Tying{backing, context, cache, names}.tie(given);
    Json json{{"how", given.how}, {"sureness", to_string(tie.sureness)}};
    json["position"] = tie.position ? Json::array({tie.position->x, tie.position->y}) : Json{};
    json["units"] = describe(tie.units);
    json["candidates"] = describe(tie.candidates);
    json["reason"] = tie.reason.empty() ? Json{} : Json(tie.reason);
    json["waits_as"] = nullptr;
    if (tie.sureness != Sureness::none) return private_json(200, json);
    auto const view = backing.atlas.view("untied");
    auto const fids = write_all(backing, context,
                                std::array{new_row(*view, {{"source", source},
                                                           {"given_as", given.how},
                                                           {"given", given.text},
                                                           {"reason", std::string{tie.reason}},
                                                           {"arrived_at", now()}})});
    json["waits_as"] = fids.front();
    return private_json(202, json);
}

} // namespace

void add_ties(http::Router& router, Backing const& backing,
              std::shared_ptr<domain::UnitListCache> const& lists,
              std::shared_ptr<PlaceNames> const& names) {
    router.add(http::Method::post, access::Need::edit, "/ties", {},
               [&backing, lists, names](http::Context const& context) {
                   return answer(backing, context, *lists, *names);
               });
}

} // namespace diaban::services::api
