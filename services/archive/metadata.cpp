#include "geo/codec/nesting.hpp"
#include "geo/error.hpp"
#include "services/archive/tile_archive.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace diaban::services::archive {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_text = 4096;

void take_text(Json const& json, char const* name, std::string& text) {
    auto const at = json.find(name);
    if (at != json.end() && at->is_string())
        text = at->get_ref<std::string const&>().substr(0, most_text);
}

/// Of `vector_layers` what TileJSON 3 asks for; of ours what was merged too.
std::string layers_of(Json const& listed, bool ours) {
    if (!listed.is_array()) return {};
    constexpr std::size_t most_layers = 1'000;
    Json layers = Json::array();
    for (auto const& one : listed) {
        if (!one.is_object() || !one.contains("id") || !one["id"].is_string()) continue;
        if (layers.size() == most_layers) break;
        Json layer{{"id", one["id"]}};
        if (one.contains("description") && one["description"].is_string())
            layer["description"] = one["description"];
        for (auto const* const name : {"minzoom", "maxzoom"})
            if (one.contains(name) && one[name].is_number_unsigned()) layer[name] = one[name];
        layer["fields"] = Json::object();
        if (one.contains("fields") && one["fields"].is_object())
            for (auto const& [field, what] : one["fields"].items())
                if (what.is_string()) layer["fields"][field] = what;
        if (ours && one.contains("merged_below")) layer["merged_below"] = one["merged_below"];
        layers.push_back(std::move(layer));
    }
    return layers.dump(-1, ' ', false, Json::error_handler_t::replace);
}

geo::Policy policy_of(Json const& json) {
    auto const& scopes = json.at("scopes");
    auto const level = json.at("level").get<std::uint8_t>();
    auto masked = json.at("masked").get<std::vector<std::string>>();
    if (scopes.is_null()) return geo::Policy::everything(level, std::move(masked));
    return geo::Policy::limited(scopes.get<std::vector<std::string>>(), level, std::move(masked));
}

} // namespace

void refuse(std::string reason) {
    throw geo::Error{geo::Code::bad_input, "bad-archive", {{"reason", std::move(reason)}}};
}

void read_metadata(std::string_view json, About& about) {
    if (geo::codec::nests_deeper(json, geo::codec::deepest_json))
        refuse("the metadata nests too deep");
    auto const whole = Json::parse(json, nullptr, false);
    if (!whole.is_object()) refuse("the metadata is no JSON object");
    take_text(whole, "name", about.name);
    take_text(whole, "description", about.description);
    take_text(whole, "attribution", about.attribution);
    auto const ours = whole.find("diaban");
    if (auto const at = whole.find("vector_layers"); at != whole.end())
        about.layers = layers_of(*at, ours != whole.end());
    if (ours == whole.end()) return;
    try {
        for (auto const& [id, policy] : ours->at("reads").items())
            about.reads.emplace(id, policy_of(policy));
        take_text(*ours, "style", about.style);
    } catch (Json::exception const&) {
        refuse("the metadata does not say clearly who may read it");
    }
    if (about.reads.empty()) refuse("the metadata does not say clearly who may read it");
}

std::string reads_json(Reads const& reads) {
    Json json = Json::object();
    for (auto const& [id, policy] : reads)
        json[id] = {{"scopes", policy.all_scopes() ? Json(nullptr) : Json(policy.scopes())},
                    {"level", policy.level()},
                    {"masked", policy.masked()}};
    return json.dump();
}

} // namespace diaban::services::archive
