#include "services/api/edit_request.hpp"

#include "data/blob/sha256.hpp"
#include "geo/codec/nesting.hpp"
#include "geo/error.hpp"
#include "services/api/crs.hpp"
#include "services/api/parameters.hpp"
#include "services/http/uri.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace diaban::services::api {

namespace {

using data::model::Stamp;

constexpr std::size_t longest_reason = 1000;
constexpr std::size_t longest_key = 255;
constexpr std::size_t most_tags = 64;
constexpr char nobody[] = "local"; // until there are accounts

[[noreturn]] void bad_header(std::string_view name, std::string_view value, std::string accepted) {
    throw geo::Error{geo::Code::bad_input,
                     "bad-header",
                     {{"parameter", std::string{name}},
                      {"value", std::string{value.substr(0, 64)}},
                      {"accepted", std::move(accepted)}}};
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

void check_media_type(http::Request const& request, std::initializer_list<std::string_view> types) {
    auto const field = request.header("content-type");
    auto const type = trimmed(field.substr(0, field.find(';')));
    if (std::ranges::any_of(types,
                            [&](auto known) { return http::equal_without_case(type, known); }))
        return;
    std::string accepted;
    for (auto const known : types) accepted.append(accepted.empty() ? "" : ", ").append(known);
    if (type.empty()) bad_header("Content-Type", "", std::move(accepted));
    throw geo::Error{geo::Code::unsupported,
                     "unknown-media-type",
                     {{"value", std::string{type.substr(0, 64)}}, {"accepted", accepted}}};
}

void check_coding(http::Request const& request) {
    auto const coding = request.header("content-encoding");
    if (!coding.empty() && !http::equal_without_case(coding, "identity"))
        throw geo::Error{
            geo::Code::unsupported, "body-coding", {{"value", std::string{coding.substr(0, 64)}}}};
}

/// `Content-Crs`; nothing if it is not known.
std::optional<NamedCrs> content_crs(http::Request const& request) {
    auto crs = request.header("content-crs");
    if (crs.empty()) return NamedCrs{};
    if (crs.starts_with('<') && crs.ends_with('>')) crs = crs.substr(1, crs.size() - 2);
    return crs_named(crs);
}

/// The members of GeoJSON coordinates that are positions; what is none of these stays for the
/// reader of the geometry to refuse.
void find_positions(nlohmann::json& coordinates, int depth, std::vector<nlohmann::json*>& found) {
    constexpr int deepest = 4; // a multipolygon's
    if (!coordinates.is_array() || depth > deepest) return;
    if (coordinates.size() > 1 && coordinates[0].is_number() && coordinates[1].is_number())
        return found.push_back(&coordinates);
    for (auto& part : coordinates) find_positions(part, depth + 1, found);
}

void bring_to_crs84(nlohmann::json& feature, NamedCrs const& crs) {
    if (crs.is_crs84() || !feature.is_object()) return;
    auto const geometry = feature.find("geometry");
    if (geometry == feature.end() || !geometry->is_object()) return;
    auto const coordinates = geometry->find("coordinates");
    if (coordinates == geometry->end()) return;
    std::vector<nlohmann::json*> found;
    find_positions(*coordinates, 1, found);
    std::vector<geo::Position> positions;
    positions.reserve(found.size());
    for (auto const* const position : found)
        positions.push_back({(*position)[0].get<double>(), (*position)[1].get<double>()});
    crs.read(positions);
    for (std::size_t i = 0; i < found.size(); ++i) {
        (*found[i])[0] = positions[i].x;
        (*found[i])[1] = positions[i].y;
    }
}

nlohmann::json parse(std::string_view body) {
    if (geo::codec::nests_deeper(body, geo::codec::deepest_json))
        throw geo::Error{geo::Code::bad_input,
                         "json-too-deep",
                         {{"accepted", std::to_string(geo::codec::deepest_json)}}};
    try {
        return nlohmann::json::parse(body);
    } catch (nlohmann::json::parse_error const& fault) {
        throw geo::Error{geo::Code::bad_input, "bad-json", {{"value", std::to_string(fault.byte)}}};
    } catch (nlohmann::json::exception const&) { // a number beyond what a double holds
        throw geo::Error{geo::Code::bad_input, "bad-json", {{"value", "?"}}};
    }
}

template <class T>
std::optional<T> whole_number(std::string_view text, int base) {
    T value{};
    auto const* const end = text.data() + text.size();
    auto const [stop, fault] = std::from_chars(text.data(), end, value, base);
    if (fault != std::errc{} || stop != end) return std::nullopt;
    return value;
}

/// The state that the inside of a tag begins with.
std::optional<Stamp> state_of(std::string_view tag) {
    tag = tag.substr(0, tag.find('.'));
    auto const dash = tag.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    auto const version = whole_number<std::int64_t>(tag.substr(0, dash), 10);
    auto const recorded = whole_number<std::int64_t>(tag.substr(dash + 1), 16);
    if (!version || !recorded) return std::nullopt;
    return Stamp{*version, {*recorded}};
}

} // namespace

nlohmann::json read_json_body(http::Context const& context,
                              std::initializer_list<std::string_view> types) {
    auto const& request = context.request;
    check_media_type(request, types);
    check_coding(request);
    if (auto const crs = content_crs(request); !crs || !crs->is_crs84())
        bad_header("Content-Crs", request.header("content-crs"), fmt::format("<{}>", crs84));
    return parse(request.body);
}

nlohmann::json read_feature_body(http::Context const& context,
                                 std::initializer_list<std::string_view> types) {
    auto const& request = context.request;
    check_media_type(request, types);
    check_coding(request);
    auto const crs = content_crs(request);
    if (!crs)
        bad_header("Content-Crs", request.header("content-crs"),
                   fmt::format("{}", fmt::join(served_crs(), ", ")));
    auto body = parse(request.body);
    bring_to_crs84(body, *crs);
    return body;
}

std::string state_tag(Stamp const& stamp) {
    return fmt::format("{}-{:x}", stamp.version, stamp.recorded_at.microseconds);
}

std::optional<Condition> read_condition(std::string_view text) {
    Condition condition;
    text = trimmed(text);
    if (text == "*") return Condition{true, {}};
    std::size_t tags = 0;
    while (!text.empty()) {
        bool const weak = text.starts_with("W/");
        if (weak) text.remove_prefix(2);
        if (!text.starts_with('"') || ++tags > most_tags) return std::nullopt;
        auto const end = text.find('"', 1);
        if (end == std::string_view::npos) return std::nullopt;
        if (auto const state = state_of(text.substr(1, end - 1)); state && !weak)
            condition.states.push_back(*state);
        text = trimmed(text.substr(end + 1));
        if (text.empty()) break;
        if (!text.starts_with(',')) return std::nullopt;
        text = trimmed(text.substr(1));
    }
    if (tags == 0) return std::nullopt;
    return condition;
}

data::model::Author read_author(http::Context const& context) {
    auto const& login = context.visitor.login;
    std::string const who = login.empty() ? nobody : login;
    auto const reason = context.request.header("change-reason");
    if (reason.empty()) return {who, {}};
    auto const text = http::percent_decode(reason, false);
    if (!text || text->size() > longest_reason)
        bad_header("Change-Reason", http::percent_encode(reason.substr(0, 20)),
                   fmt::format("UTF-8, %XX, 1..{}", longest_reason));
    return {who, *text};
}

std::optional<data::model::RequestKey> read_key(http::Request const& request) {
    auto const key = request.header("idempotency-key");
    if (key.empty()) return std::nullopt;
    bool const plain = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
    if (!plain || key.size() > longest_key)
        bad_header("Idempotency-Key", http::percent_encode(key.substr(0, 20)),
                   fmt::format("ASCII, 1..{}", longest_key));
    data::blob::Sha256 hash;
    auto const add = [&](std::string_view part) {
        hash.add(std::as_bytes(std::span{part.data(), part.size()}));
        hash.add(std::as_bytes(std::span{"\n", 1}));
    };
    add(to_string(request.method));
    add(request.path);
    for (auto const* const name :
         {"content-type", "content-crs", "if-match", "prefer", "change-reason"})
        add(request.header(name));
    add(request.body);
    return data::model::RequestKey{std::string{key}, data::blob::hex(hash.finish())};
}

Return read_preference(http::Request const& request) {
    auto const list = request.header_list("prefer");
    for (std::string_view rest = list; !rest.empty();) {
        auto const end = rest.find_first_of(",;");
        auto const one = trimmed(rest.substr(0, end));
        if (http::equal_without_case(one, "return=minimal")) return Return::minimal;
        if (http::equal_without_case(one, "return=representation")) return Return::representation;
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    }
    return Return::unsaid;
}

} // namespace diaban::services::api
