#include "services/api/open311_send.hpp"

#include "geo/error.hpp"
#include "geo/filter/fold.hpp"
#include "services/access/accounts.hpp"
#include "services/access/secret.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/open311_form.hpp"
#include "services/api/parameters.hpp"
#include "services/api/report_row.hpp"
#include "services/domain/time_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace diaban::services::api {

namespace {

using std::chrono::seconds;

constexpr std::size_t least_words = 5;       // bytes
constexpr std::size_t most_words = 4000;     // bytes
constexpr std::size_t most_short = 200;      // bytes of names, numbers, addresses
constexpr std::int64_t day = 86'400'000'000; // microseconds
constexpr char photo_path[] = "/open311/v2/photos/";

/// A form's members. Line ends within a member become blanks: what is kept is one paragraph.
http::Query read_form(http::Request const& request) {
    if (!request.header("content-type").starts_with("application/x-www-form-urlencoded"))
        throw geo::Error{geo::Code::unsupported,
                         "unknown-media-type",
                         {{"value", std::string{request.header("content-type").substr(0, 64)}},
                          {"accepted", "application/x-www-form-urlencoded"}}};
    return http::Query::parse(one_line_form(request.body));
}

std::string member(http::Query const& form, std::string_view name, std::size_t most = most_short) {
    auto const text = form.find(name);
    if (!text) return {};
    if (text->size() > most)
        refuse_parameter(name, text->substr(0, 40), fmt::format("at most {} bytes", most));
    std::string composed;
    geo::filter::compose(*text, composed);
    auto const first = composed.find_first_not_of(' ');
    if (first == std::string::npos) return {};
    return composed.substr(first, composed.find_last_not_of(' ') - first + 1);
}

geo::Position read_place(http::Query const& form) {
    auto const number = [&](std::string_view name, double most) {
        auto const text = form.find(name);
        auto const value = text ? finite_number(*text) : std::nullopt;
        if (!value || std::abs(*value) > most)
            refuse_parameter(name, text.value_or(""), fmt::format("-{}..{} (degrees)", most, most));
        return *value;
    };
    double const latitude = number("lat", 90);
    return {number("long", 180), latitude};
}

std::string read_service(domain::View const& view, http::Query const& form) {
    auto const code = member(form, "service_code");
    std::string accepted;
    for (auto const& one : report_field(view, "category").codes) {
        if (!one.in_force) continue;
        if (one.code == code) return code;
        accepted += (accepted.empty() ? "" : ", ") + one.code;
    }
    refuse_parameter("service_code", code, accepted);
}

/// Whether somebody enters what others told them.
bool is_told(std::string_view channel) noexcept {
    return channel != "web" && channel != "app";
}

/// Where a report comes in: said by those who enter what others told them, else the web.
std::string read_channel(domain::View const& view, http::Context const& context,
                         http::Query const& form) {
    auto const channel = member(form, "channel");
    if (channel.empty()) return "web";
    auto const& codes = report_field(view, "channel").codes;
    if (std::ranges::find(codes, channel, &geo::CodeEntry::code) == codes.end())
        refuse_parameter("channel", channel, "web, app, phone, press, counter");
    if (is_told(channel)) static_cast<void>(context.edit_policy(reports_collection));
    return channel;
}

/// A photo that was sent before, or an address elsewhere.
std::string read_media(http::Query const& form) {
    auto const address = member(form, "media_url", 500);
    if (address.empty()) return {};
    auto const at = address.find(photo_path);
    if (at != std::string::npos) return address.substr(at + sizeof photo_path - 1, 64);
    if (!address.starts_with("https://") && !address.starts_with("http://"))
        refuse_parameter("media_url", address.substr(0, 40), "http://…, https://…");
    return address;
}

/// Code of today's commune that holds the place; empty where there is none.
std::string commune_at(Backing const& backing, geo::Position at) {
    auto const places = backing.atlas.view("places");
    constexpr std::uint32_t most_units = 20;
    auto const everyone = geo::Policy::everything(0);
    auto const fields = data::model::visible(places->collection.schema, everyone).fields;
    for (auto const& unit :
         backing.store.containing(places->collection, at, most_units, everyone)) {
        ReportRow const row{unit, fields};
        if (row.text("level") == "commune" && !row.instant("valid_to"))
            return row.text("code").value_or("");
    }
    return {};
}

void count(ReportBacking const& reports, http::Context const& context, http::Query const& form,
           std::string const& words, geo::Position at) {
    std::vector<data::postgis::SendLimit> limits;
    auto const add = [&](std::string const& what, seconds window, std::int32_t most) {
        limits.push_back({access::sha256_of(what), window, most});
    };
    add(fmt::format("same|{}|{:.3f}|{:.3f}", words, at.x, at.y), seconds{600}, 1);
    for (auto const* const name : {"phone", "email", "device_id"})
        if (auto const contact = member(form, name); !contact.empty())
            add(fmt::format("{}|{}", name, contact), seconds{3600}, 10);
    if (context.visitor.login.empty()) add("anonymous", seconds{3600}, 600);
    reports.store.count_sent(limits);
}

/// An operator has entered what was told, and is not who told it.
data::model::Author author_of(http::Context const& context, std::string const& channel) {
    auto author = is_told(channel) ? read_author(context) : data::model::Author{"citizen", {}};
    if (author.why.empty()) author.why = "sent by " + channel;
    return author;
}

geo::Value text_or_null(std::string text) {
    if (text.empty()) return std::monostate{};
    return text;
}

std::string name_of(http::Query const& form) {
    auto name = member(form, "last_name");
    auto const first = member(form, "first_name");
    if (!name.empty() && !first.empty()) name += ' ';
    return name + first;
}

geo::Geometry point_at(geo::Position at) {
    geo::Geometry point;
    point.kind = geo::GeometryKind::point;
    point.srid = 4326;
    point.positions = {at};
    return point;
}

/// `PA-261127-K3QZ7M`: the local day, and six letters of chance.
std::string new_code(std::int64_t now) {
    constexpr std::string_view letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    auto const today = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(
        std::chrono::sys_time{std::chrono::microseconds{now}} + std::chrono::hours{7})};
    std::string code = fmt::format("PA-{:02}{:02}{:02}-", int(today.year()) % 100,
                                   unsigned(today.month()), unsigned(today.day()));
    for (auto const byte : access::random_bytes(6))
        code += letters[static_cast<unsigned char>(byte) % letters.size()];
    return code;
}

/// The end of the local day by which an answer is due.
geo::Instant due_after(std::int64_t now, std::int32_t days) {
    auto const today = geo::Date{std::int32_t((now + 7 * day / 24) / day)};
    return {domain::local_midnight({today.days + days + 1}).microseconds - 1'000'000};
}

} // namespace

Json take_report(Backing const& backing, ReportBacking const& reports,
                 http::Context const& context) {
    static_cast<void>(context.policy(reports_collection));
    auto const view = backing.atlas.view(reports_collection);
    auto const form = read_form(context.request);
    if (!member(form, "website").empty()) refuse_parameter("website", "", "nothing");
    auto const service = read_service(*view, form);
    auto const at = read_place(form);
    auto const words = member(form, "description", most_words);
    if (words.size() < least_words)
        refuse_parameter("description", words,
                         fmt::format("{}..{} bytes", least_words, most_words));
    auto const channel = read_channel(*view, context, form);
    auto const media = read_media(form);
    count(reports, context, form, words, at);
    auto const commune = commune_at(backing, at);
    auto const route = reports.store.route(service, commune);
    auto const now = access::unix_microseconds();
    auto const token = access::random_secret();
    auto const account = is_told(channel) ? std::string{} : context.visitor.login;
    auto title = words.substr(0, words.find_first_of(".!?\n"));
    if (title.size() > most_short) title = member(form, "title");
    data::model::Edit const edit{
        .collection = &view->collection,
        .kind = data::model::EditKind::create,
        .expected = {},
        .values = report_values(*view, {{"code", new_code(now)},
                                        {"category", service},
                                        {"title", text_or_null(title)},
                                        {"description", words},
                                        {"status", std::string{"received"}},
                                        {"reported_at", geo::Instant{now}},
                                        {"due_at", due_after(now, route.days)},
                                        {"agency", text_or_null(route.agency)},
                                        {"channel", channel},
                                        {"address", text_or_null(member(form, "address_string"))},
                                        {"media", text_or_null(media)},
                                        {"reporter_name", text_or_null(name_of(form))},
                                        {"reporter_phone", text_or_null(member(form, "phone"))},
                                        {"reporter_email", text_or_null(member(form, "email"))},
                                        {"reporter_account", text_or_null(account)},
                                        {"reporter_token", access::sha256_of(token)}}),
        .geometry = point_at(at)};
    auto const policy = geo::Policy::limited({commune}, 0);
    auto const* const one = &policy;
    auto const author = author_of(context, channel);
    auto const outcome = backing.editing.apply({.edits = std::span{&edit, 1},
                                                .author = author,
                                                .policies = std::span{&one, 1},
                                                .key = {},
                                                .describe = {}});
    if (!outcome.refused.empty()) throw geo::Error{geo::Code::conflict, "report-not-kept"};
    return Json::array({{{"service_request_id", std::to_string(outcome.edited.front().fid)},
                         {"token", token},
                         {"service_notice", route.agency},
                         {"account_id", nullptr}}});
}

} // namespace diaban::services::api
