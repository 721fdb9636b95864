#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/access/accounts.hpp"
#include "services/api/access_json.hpp"
#include "services/api/account.hpp"
#include "services/api/parameters.hpp"

#include <charconv>

namespace diaban::services::api {

namespace {

constexpr std::uint32_t usual_entries = 100;
constexpr std::uint32_t most_entries = 10'000;

std::optional<std::int64_t> read_number(http::Query const& query, std::string_view name) {
    auto const text = query.find(name);
    if (!text) return std::nullopt;
    std::int64_t number = 0;
    auto const [end, fault] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (fault != std::errc{} || end != text->data() + text->size() || number < 0)
        refuse_parameter(name, *text, "0..9007199254740991");
    return number;
}

std::optional<geo::Instant> read_instant(http::Query const& query, std::string_view name) {
    auto const text = query.find(name);
    if (!text) return std::nullopt;
    auto const instant = geo::codec::read_instant(*text);
    if (!instant) refuse_parameter(name, *text, "2025-07-01T07:00:00Z");
    return instant;
}

data::model::AuditQuery read_query(http::Query const& query) {
    data::model::AuditQuery wanted;
    wanted.who = query.find("who").value_or("");
    wanted.action = query.find("action").value_or("");
    wanted.collection = query.find("collection").value_or("");
    wanted.fid = read_number(query, "fid");
    wanted.from = read_instant(query, "from");
    wanted.to = read_instant(query, "to");
    wanted.before = read_number(query, "before").value_or(0);
    wanted.limit = read_limit(query, usual_entries, most_entries);
    return wanted;
}

Json describe_entry(data::model::AuditEntry const& entry) {
    std::string at;
    geo::codec::append_instant(at, entry.at);
    return {{"seq", entry.seq},
            {"at", at},
            {"who", entry.who},
            {"action", entry.action},
            {"collection", entry.collection},
            {"fid", entry.fid ? Json(*entry.fid) : Json{}},
            {"why", entry.why},
            {"detail", Json::parse(entry.detail)},
            {"hash", entry.hash}};
}

std::string csv_text(std::string_view text) {
    // A spreadsheet takes these for a formula.
    bool const formula =
        !text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos;
    std::string made = "\"";
    if (formula) made += '\'';
    for (char const c : text) {
        if (c == '"') made += '"';
        made += c;
    }
    return made + '"';
}

std::string csv_of(std::vector<data::model::AuditEntry> const& entries) {
    std::string text = "seq,at,who,action,collection,fid,why,detail,hash\r\n";
    for (auto const& entry : entries) {
        text += std::to_string(entry.seq) + ",";
        geo::codec::append_instant(text, entry.at);
        for (auto const* const part : {&entry.who, &entry.action, &entry.collection})
            text += "," + csv_text(*part);
        text += "," + (entry.fid ? std::to_string(*entry.fid) : std::string{});
        for (auto const* const part : {&entry.why, &entry.detail, &entry.hash})
            text += "," + csv_text(*part);
        text += "\r\n";
    }
    return text;
}

http::Response answer_entries(Backing const& backing, http::Context const& context) {
    auto const form = context.query.find("f").value_or("json");
    if (form != "json" && form != "csv") refuse_parameter("f", form, "json, csv");
    auto const entries = backing.accounts.audit.entries(read_query(context.query));
    backing.accounts.audit.note({context.visitor.login,
                                 "audit-read",
                                 {},
                                 {},
                                 {},
                                 dump({{"form", form}, {"entries", entries.size()}})});
    if (form == "csv") {
        auto response = http::answer(200, "text/csv; charset=utf-8", csv_of(entries));
        response.with("Cache-Control", "no-store")
            .with("Content-Disposition", "attachment; filename=\"audit.csv\"");
        return response;
    }
    auto described = Json::array();
    for (auto const& entry : entries) described.push_back(describe_entry(entry));
    return private_json(200, {{"entries", std::move(described)}});
}

http::Response answer_check(Backing const& backing) {
    auto const check = backing.accounts.audit.check();
    return private_json(200, {{"whole", !check.broken},
                              {"broken", check.broken ? Json(*check.broken) : Json{}},
                              {"entries", check.entries},
                              {"last", check.last_seq},
                              {"head", check.head}});
}

} // namespace

void add_audit(http::Router& router, Backing const& backing) {
    router.get(
        access::Need::audit, "/audit",
        {"who", "action", "collection", "fid", "from", "to", "before", "limit", "f"},
        [&backing](http::Context const& context) { return answer_entries(backing, context); });
    router.get(access::Need::audit, "/audit/check", {},
               [&backing](http::Context const&) { return answer_check(backing); });
}

} // namespace diaban::services::api
