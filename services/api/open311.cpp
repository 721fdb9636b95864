#include "services/api/open311.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/filter/cql2_text.hpp"
#include "geo/filter/filter.hpp"
#include "services/access/accounts.hpp"
#include "services/access/secret.hpp"
#include "services/api/open311_form.hpp"
#include "services/api/open311_send.hpp"
#include "services/api/parameters.hpp"
#include "services/api/report_row.hpp"
#include "services/domain/local_times.hpp"
#include "services/domain/photo.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>

namespace diaban::services::api {

namespace {

constexpr std::size_t most_requests = 1000;
constexpr std::int64_t longest_span = 90 * 86'400'000'000; // microseconds
constexpr GeoReportNames service_names{"services", "service"};
constexpr GeoReportNames definition_names{"service_definition", ""};
constexpr GeoReportNames request_names{"service_requests", "request"};

Json describe_service(geo::CodeEntry const& code, http::Language language) {
    return {{"service_code", code.code},
            {"service_name", localised(code.title, language)},
            {"description", localised(code.title, language)},
            {"metadata", false},
            {"type", "realtime"},
            {"keywords", nullptr},
            {"group", nullptr}};
}

Json list_services(Backing const& backing, http::Context const& context) {
    static_cast<void>(context.policy(reports_collection));
    auto const view = backing.atlas.view(reports_collection);
    Json list = Json::array();
    for (auto const& code : report_field(*view, "category").codes)
        if (code.in_force) list.push_back(describe_service(code, context.language));
    return list;
}

Json define_service(Backing const& backing, http::Context const& context, std::string const& code) {
    static_cast<void>(context.policy(reports_collection));
    auto const view = backing.atlas.view(reports_collection);
    auto const& codes = report_field(*view, "category").codes;
    auto const found = std::ranges::find(codes, code, &geo::CodeEntry::code);
    if (found == codes.end())
        throw geo::Error{geo::Code::not_found, "no-service", {{"value", code.substr(0, 64)}}};
    return {{"service_code", code}, {"attributes", Json::array()}};
}

Json nullable(std::optional<std::string> text) {
    return text ? Json(*text) : Json();
}

bool is_hash(std::string_view text) noexcept {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// The address of a report's photo: here, or wherever it was said to be.
Json media_url(std::optional<std::string> const& media, http::Context const& context) {
    if (!media) return nullptr;
    if (is_hash(*media)) return fmt::format("{}/open311/v2/photos/{}", context.origin, *media);
    return *media;
}

Json describe_request(ReportRow const& row, domain::View const& view,
                      http::Context const& context) {
    auto const category = row.text("category").value_or("");
    auto const status = row.text("status").value_or("received");
    auto const titled = [&](std::string_view field, std::string const& code) {
        auto const& codes = report_field(view, field).codes;
        auto const found = std::ranges::find(codes, code, &geo::CodeEntry::code);
        return found == codes.end() ? code : localised(found->title, context.language);
    };
    auto const& geometry = row.feature().geometry;
    bool const placed = !geometry.empty();
    auto const closed = row.instant("closed_at");
    return {{"service_request_id", std::to_string(row.feature().fid)},
            {"status", is_closed(status) ? "closed" : "open"},
            {"status_notes", nullable(row.text("response"))},
            {"service_name", titled("category", category)},
            {"service_code", category},
            {"description", nullable(row.text("description"))},
            {"agency_responsible", nullable(row.text("agency"))},
            {"service_notice", nullptr},
            {"requested_datetime", nullable(row.instant("reported_at"))},
            {"updated_datetime", nullable(closed ? closed : row.instant("reported_at"))},
            {"expected_datetime", nullable(row.instant("due_at"))},
            {"address", nullable(row.text("address"))},
            {"address_id", nullptr},
            {"zipcode", nullptr},
            {"lat", placed ? Json(geometry.positions.front().y) : Json()},
            {"long", placed ? Json(geometry.positions.front().x) : Json()},
            {"media_url", media_url(row.text("media"), context)},
            {"state", status},
            {"state_name", titled("status", status)},
            {"code", nullable(row.text("code"))}};
}

/// Told to who sees other than public ones.
void add_visibility(Json& told, domain::View const& view, std::int64_t fid,
                    geo::Policy const& policy) {
    if (policy.level() == 0) return;
    if (auto const at = view.layer->find(fid)) {
        auto const& of = at->run->class_table[at->run->classes[at->row]];
        told["visibility"] = visibility_of(of.sensitivity);
    }
}

std::vector<std::string_view> listed(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        auto const comma = text.find(',');
        parts.push_back(text.substr(0, comma));
        if (comma == std::string_view::npos) return parts;
        text.remove_prefix(comma + 1);
    }
}

std::int64_t read_fid(std::string_view text) {
    std::int64_t fid = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, fault] = std::from_chars(text.data(), end, fid);
    if (fault != std::errc{} || stop != end || fid < 1)
        throw geo::Error{
            geo::Code::not_found, "no-report", {{"value", std::string{text.substr(0, 64)}}}};
    return fid;
}

/// `field IN ('a', 'b')`, of codes that are known.
std::string among(domain::View const& view, std::string_view field, std::string_view parameter,
                  std::string_view list) {
    auto const& codes = report_field(view, field).codes;
    std::string text;
    for (auto const one : listed(list)) {
        if (std::ranges::find(codes, one, &geo::CodeEntry::code) == codes.end()) {
            std::string accepted;
            for (auto const& code : codes) accepted += (accepted.empty() ? "" : ", ") + code.code;
            refuse_parameter(parameter, one, accepted);
        }
        text += fmt::format("{}'{}'", text.empty() ? "" : ",", one);
    }
    return fmt::format("{} IN ({})", field, text);
}

std::string filter_text(domain::View const& view, http::Query const& query) {
    std::vector<std::string> parts;
    if (auto const codes = query.find("service_code"))
        parts.push_back(among(view, "category", "service_code", *codes));
    if (auto const states = query.find("state"))
        parts.push_back(among(view, "status", "state", *states));
    if (auto const status = query.find("status")) {
        constexpr char ended[] =
            "status IN ('fixed','duplicate','not_responsible','unable_to_fix')";
        bool open = false;
        bool closed = false;
        for (auto const one : listed(*status)) {
            if (one != "open" && one != "closed")
                refuse_parameter("status", *status, "open, closed");
            (one == "open" ? open : closed) = true;
        }
        if (open != closed) parts.push_back(closed ? ended : fmt::format("NOT ({})", ended));
    }
    return fmt::format("{}", fmt::join(parts, " AND "));
}

/// The last 90 days where nothing is said; never more.
geo::Period read_span(http::Query const& query) {
    auto const read = [&](std::string_view name) -> std::optional<std::int64_t> {
        auto const text = query.find(name);
        if (!text) return std::nullopt;
        auto const instant = geo::codec::read_instant(*text);
        if (!instant) refuse_parameter(name, *text, "2025-07-01T07:00:00Z");
        return instant->microseconds;
    };
    auto const from = read("start_date");
    auto const to = read("end_date");
    geo::Period span;
    span.end = to.value_or(from ? *from + longest_span : access::unix_microseconds());
    span.begin = from.value_or(span.end - longest_span);
    if (span.begin > span.end || span.end - span.begin > longest_span)
        refuse_parameter("end_date", query.find("end_date").value_or(""),
                         "after start_date, at most 90 days");
    return span;
}

std::vector<geo::Box> read_place(http::Query const& query) {
    if (query.find("bbox")) return read_bbox(query);
    auto const lat = query.find("lat");
    auto const lon = query.find("long");
    if (!lat && !lon) return {};
    auto const number = [&](std::string_view name, std::optional<std::string_view> text,
                            double least, double most) {
        auto const value = text ? finite_number(*text) : std::nullopt;
        if (!value || *value < least || *value > most)
            refuse_parameter(name, text.value_or(""), fmt::format("{}..{}", least, most));
        return *value;
    };
    double const y = number("lat", lat, -85, 85);
    double const x = number("long", lon, -180, 180);
    double const metres = number("radius", query.find("radius").value_or("1000"), 1, 5000);
    double const north = metres / 110'574;
    double const east = metres / (111'320 * std::cos(y * M_PI / 180));
    return {{std::max(-180.0, x - east), y - north, std::min(180.0, x + east), y + north}};
}

/// The newest that are chosen.
std::vector<std::int64_t> newest(Backing const& backing, domain::View const& view,
                                 http::Context const& context) {
    auto const& policy = context.policy(reports_collection);
    domain::Choice choice;
    choice.boxes = read_place(context.query);
    choice.period = read_span(context.query);
    auto const text = filter_text(view, context.query);
    if (!text.empty())
        choice.filter =
            geo::filter::Filter::make(geo::filter::read_text(text), view.layer->schema(), policy);
    std::vector<std::pair<std::int64_t, std::int64_t>> found;
    for (auto const& [live, rows] : domain::choose_rows(view, backing.store, choice, policy))
        for (auto const row : rows)
            if (auto const begin = domain::begin_of(*live.run, row))
                found.emplace_back(-*begin, live.run->fids[row]);
    std::ranges::sort(found);
    if (found.size() > most_requests) found.resize(most_requests);
    std::vector<std::int64_t> fids;
    for (auto const& [begin, fid] : found) fids.push_back(fid);
    return fids;
}

Json describe_all(Backing const& backing, domain::View const& view, http::Context const& context,
                  std::span<std::int64_t const> fids, geo::Policy const& policy) {
    auto const fields = data::model::visible(view.collection.schema, policy).fields;
    Json list = Json::array();
    for (auto const& feature : backing.store.by_fids(view.collection, fids, policy)) {
        list.push_back(describe_request({feature, fields}, view, context));
        add_visibility(list.back(), view, feature.fid, policy);
    }
    return list;
}

Json list_requests(Backing const& backing, http::Context const& context) {
    auto const& policy = context.policy(reports_collection);
    auto const view = backing.atlas.view(reports_collection);
    if (auto const ids = context.query.find("service_request_id")) {
        std::vector<std::int64_t> fids;
        for (auto const id : listed(*ids)) fids.push_back(read_fid(id));
        if (fids.size() > most_requests)
            refuse_parameter("service_request_id", "…", fmt::format("1..{}", most_requests));
        return describe_all(backing, *view, context, fids, policy);
    }
    return describe_all(backing, *view, context, newest(backing, *view, context), policy);
}

/// Who holds a report's secret sees it whoever else may not.
geo::Policy policy_of_one(ReportBacking const& reports, http::Context const& context,
                          std::int64_t fid) {
    auto const& policy = context.policy(reports_collection);
    auto const token = context.request.header("report-token");
    if (token.empty()) return policy;
    auto const held = reports.store.find_token(access::sha256_of(token), geo::Policy::everything());
    return held == fid ? geo::Policy::everything(255, policy.masked()) : policy;
}

Json one_request(Backing const& backing, ReportBacking const& reports, http::Context const& context,
                 std::string const& id) {
    auto const fid = read_fid(id);
    auto const policy = policy_of_one(reports, context, fid);
    auto const view = backing.atlas.view(reports_collection);
    auto list = describe_all(backing, *view, context, std::span{&fid, 1}, policy);
    if (list.empty())
        throw geo::Error{geo::Code::not_found, "no-report", {{"value", id.substr(0, 64)}}};
    return list;
}

Json resolve_token(ReportBacking const& reports, http::Context const& context,
                   std::string const& token) {
    auto const fid =
        reports.store.find_token(access::sha256_of(token), context.policy(reports_collection));
    if (!fid) throw geo::Error{geo::Code::not_found, "no-report", {{"value", "token"}}};
    return Json::array({{{"service_request_id", std::to_string(*fid)}, {"token", token}}});
}

http::Response take_photo(ReportBacking const& reports, http::Context const& context) {
    static_cast<void>(context.policy(reports_collection));
    if (context.request.header("content-type") != "image/jpeg")
        throw geo::Error{
            geo::Code::unsupported,
            "unknown-media-type",
            {{"value", std::string{context.request.header("content-type").substr(0, 64)}},
             {"accepted", "image/jpeg"}}};
    data::postgis::SendLimit const limit{access::sha256_of("photos"), std::chrono::hours{1}, 600};
    auto const picture = domain::stripped_jpeg(context.request.body);
    reports.store.count_sent(std::span{&limit, 1});
    data::blob::BlobStore blobs{reports.blobs};
    auto const blob = blobs.put(std::as_bytes(std::span{picture.data(), picture.size()}));
    reports.store.keep_photo(blob.sha256, blob.size);
    auto response = http::answer(
        201, "application/json",
        dump({{"media_url", fmt::format("{}/open311/v2/photos/{}", context.origin, blob.sha256)}}));
    response.with("Cache-Control", "no-store");
    return response;
}

http::Response show_photo(ReportBacking const& reports, http::Context const& context,
                          std::string const& name) {
    auto const& policy = context.policy(reports_collection);
    auto const refuse = [&] {
        throw geo::Error{geo::Code::not_found, "no-photo", {{"value", name.substr(0, 64)}}};
    };
    if (!is_hash(name) || !reports.store.photo_shown(name, policy)) refuse();
    auto const path = data::blob::BlobStore{reports.blobs}.find(name);
    if (!path) refuse();
    std::ifstream file{*path, std::ios::binary};
    std::string bytes(std::filesystem::file_size(*path), '\0');
    if (!file.read(bytes.data(), std::streamsize(bytes.size()))) refuse();
    auto response = http::answer(200, "image/jpeg", std::move(bytes));
    response.with("Cache-Control", "no-cache").with("X-Content-Type-Options", "nosniff");
    return response;
}

} // namespace

void add_open311(http::Router& router, Backing const& backing, ReportBacking const& reports,
                 bool read_only) {
    using access::Need;
    router.get(Need::read, "/open311/v2/services.{format}", {"jurisdiction_id"},
               [&backing](http::Context const& context, std::string const& format) {
                   return georeport(context, georeport_form(format), service_names, 200,
                                    [&] { return list_services(backing, context); });
               });
    router.get(Need::read, "/open311/v2/services/{serviceFile}", {"jurisdiction_id"},
               [&backing](http::Context const& context, std::string const& file) {
                   auto const [code, form] = georeport_file(file);
                   return georeport(context, form, definition_names, 200, [&, &code = code] {
                       return define_service(backing, context, code);
                   });
               });
    router.get(Need::read, "/open311/v2/requests.{format}",
               {"jurisdiction_id", "service_request_id", "service_code", "start_date", "end_date",
                "status", "state", "bbox", "lat", "long", "radius"},
               [&backing](http::Context const& context, std::string const& format) {
                   return georeport(context, georeport_form(format), request_names, 200,
                                    [&] { return list_requests(backing, context); });
               });
    router.get(Need::read, "/open311/v2/requests/{requestFile}", {"jurisdiction_id"},
               [&backing, reports](http::Context const& context, std::string const& file) {
                   auto const [id, form] = georeport_file(file);
                   return georeport(context, form, request_names, 200, [&, &id = id] {
                       return one_request(backing, reports, context, id);
                   });
               });
    router.get(Need::read, "/open311/v2/tokens/{tokenFile}", {"jurisdiction_id"},
               [reports](http::Context const& context, std::string const& file) {
                   auto const [token, form] = georeport_file(file);
                   return georeport(context, form, request_names, 200, [&, &token = token] {
                       return resolve_token(reports, context, token);
                   });
               });
    router.get(Need::read, "/open311/v2/photos/{photoName}", {},
               [reports](http::Context const& context, std::string const& name) {
                   return show_photo(reports, context, name);
               });
    if (read_only) return;
    router.add(http::Method::post, Need::read, "/open311/v2/requests.{format}", {"jurisdiction_id"},
               [&backing, reports](http::Context const& context, std::string const& format) {
                   return georeport(context, georeport_form(format), request_names, 201,
                                    [&] { return take_report(backing, reports, context); });
               });
    router.add(http::Method::post, Need::read, "/open311/v2/photos", {},
               [reports](http::Context const& context) { return take_photo(reports, context); });
}

} // namespace diaban::services::api
