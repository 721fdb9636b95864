#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/cameras.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/report_row.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/feed.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace diaban::services::api {

namespace {

constexpr char cameras[] = "cameras";
constexpr char incidents[] = "incidents";
constexpr std::size_t longest_plate = 12;

/// Letters and digits alone, in capitals: `38a-123.45` as `38A12345`.
std::string read_plate(nlohmann::json const& body) {
    auto const given = text_in(body, "plate");
    std::string plate;
    for (char const c : given) {
        if (c >= 'a' && c <= 'z')
            plate += char(c - 'a' + 'A');
        else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            plate += c;
        else if (c != '-' && c != '.' && c != ' ')
            refuse_member("plate", given.substr(0, 20), "38A-123.45");
    }
    if (plate.size() < 4 || plate.size() > longest_plate)
        refuse_member("plate", given.substr(0, 20), "38A-123.45");
    return plate;
}

/// What everyone may be shown of a plate: where it is registered, and how long it is.
std::string masked(std::string plate) {
    constexpr std::size_t shown = 2;
    std::fill(plate.begin() + shown, plate.end(), '*');
    return plate;
}

geo::Instant instant_in(nlohmann::json const& body) {
    auto const text = text_in(body, "occurred_at");
    auto const at = geo::codec::read_instant(text);
    if (!at) refuse_member("occurred_at", text.substr(0, 40), "2026-03-01T10:00:00Z");
    return *at;
}

geo::Value speed_in(nlohmann::json const& body) {
    auto const found = body.find("speed");
    if (found == body.end()) return {};
    if (!found->is_number() || *found < 0 || *found > 400)
        refuse_member("speed", found->dump().substr(0, 20), "0..400 (km/h)");
    return found->get<double>();
}

std::string evidence_in(nlohmann::json const& body) {
    auto address = text_in(body, "evidence");
    if (!domain::may_be_followed(address))
        refuse_member("evidence", address.substr(0, 60), "http(s)://…");
    return address;
}

std::string offence_in(domain::View const& view, nlohmann::json const& body) {
    auto const code = text_in(body, "offence");
    std::string accepted;
    for (auto const& one : report_field(view, "offence").codes) {
        if (one.code == code) return code;
        accepted += (accepted.empty() ? "" : ", ") + one.code;
    }
    refuse_member("offence", code.substr(0, 40), accepted);
}

/// An offence that a camera has seen, where the camera stands.
http::Response take_offence(Backing const& backing, http::Context const& context,
                            std::int64_t fid) {
    static_cast<void>(context.edit_policy(incidents));
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object()) refuse_member("offence", "", "an object");
    auto const camera = backing.atlas.view(cameras);
    auto const item = backing.store.item(camera->collection, fid, context.policy(cameras));
    if (!item || item->feature.geometry.empty())
        throw geo::Error{geo::Code::not_found, "unknown-camera", {{"value", std::to_string(fid)}}};
    auto const view = backing.atlas.view(incidents);
    auto const plate = read_plate(body);
    auto edit = new_row(*view, {{"kind", std::string{"offence"}},
                                {"offence", offence_in(*view, body)},
                                {"occurred_at", instant_in(body)},
                                {"camera", fid},
                                {"speed", speed_in(body)},
                                {"plate_part", masked(plate)},
                                {"plate", plate},
                                {"evidence", evidence_in(body)}});
    edit.geometry = item->feature.geometry;
    auto const fids = write_all(backing, context, std::array{edit});
    return private_json(201, {{"incident", fids.front()}, {"plate", masked(plate)}});
}

} // namespace

void add_offences(http::Router& router, Backing const& backing) {
    router.add(http::Method::post, access::Need::edit, "/cameras/{cameraId}/offences", {},
               [&backing](http::Context const& context, std::int64_t fid) {
                   return take_offence(backing, context, fid);
               });
}

} // namespace diaban::services::api
