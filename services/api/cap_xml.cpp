#include "services/api/cap_xml.hpp"

#include "geo/codec/rfc3339.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <sstream>

namespace diaban::services::api {

namespace {

using data::model::AlertMessage;
using nlohmann::json;

constexpr std::string_view levels[] = {"", "I", "II", "III"};

std::string cap_time(geo::Instant at) {
    using namespace std::chrono;
    constexpr hours local{7};
    sys_seconds const time{floor<seconds>(microseconds{at.microseconds}) + local};
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}+07:00", fmt::gmtime(system_clock::to_time_t(time)));
}

std::string atom_time(geo::Instant at) {
    std::string text;
    geo::codec::append_instant(text, at);
    return text;
}

void put(pugi::xml_node into, char const* name, std::string_view text) {
    into.append_child(name).text().set(std::string{text}.c_str());
}

/// What the alert's row said, as the policy shows it.
class Said {
public:
    Said(std::string const& row, geo::Policy const& policy)
        : m_row(json::parse(row)), m_policy{policy} {}

    [[nodiscard]] std::string text(char const* field) const {
        auto const found = m_row.find(field);
        if (found == m_row.end() || !m_policy.sees_field(field) || !found->is_string()) return {};
        return found->get<std::string>();
    }
    [[nodiscard]] std::string text(char const* field, char const* otherwise) const {
        auto held = text(field);
        return held.empty() ? otherwise : held;
    }
    [[nodiscard]] std::int64_t number(char const* field) const {
        auto const found = m_row.find(field);
        bool const shown = found != m_row.end() && m_policy.sees_field(field);
        return shown && found->is_number_integer() ? found->get<std::int64_t>() : 0;
    }
    /// A column's time, as PostgreSQL writes it into JSON.
    [[nodiscard]] std::optional<geo::Instant> instant(char const* field) const {
        return geo::codec::read_instant(text(field));
    }

private:
    json m_row;
    geo::Policy const& m_policy;
};

void put_if(pugi::xml_node into, char const* name, std::string const& text) {
    if (!text.empty()) put(into, name, text);
}

void put_pair(pugi::xml_node into, char const* name, std::string_view value_name,
              std::string_view value) {
    auto pair = into.append_child(name);
    put(pair, "valueName", value_name);
    put(pair, "value", value);
}

/// Exteriors of a GeoJSON polygon or multipolygon.
void put_polygons(pugi::xml_node area, std::string const& shape) {
    if (shape.empty()) return;
    auto const geometry = json::parse(shape);
    auto const put_ring = [&](json const& ring) {
        std::string text;
        for (auto const& p : ring)
            text += fmt::format("{}{},{}", text.empty() ? "" : " ", p.at(1).get<double>(),
                                p.at(0).get<double>());
        put(area, "polygon", text);
    };
    auto const& coordinates = geometry["coordinates"];
    if (geometry["type"] == "Polygon") put_ring(coordinates.at(0));
    if (geometry["type"] == "MultiPolygon")
        for (auto const& part : coordinates) put_ring(part.at(0));
}

struct Words {
    char const* language;
    char const* event;
    char const* headline;
    char const* description;
    char const* otherwise; ///< for an event without a name
};
constexpr Words languages[] = {
    {"vi-VN", "event", "headline", "description", "Cảnh báo"},
    {"en-US", "event_en", "headline_en", "description_en", "Alert"},
};

void put_info(pugi::xml_node alert, AlertMessage const& message, Said const& said,
              Words const& words) {
    bool const over = message.type == "Cancel";
    auto info = alert.append_child("info");
    put(info, "language", words.language);
    put(info, "category", "Met");
    put(info, "event", said.text(words.event, words.otherwise));
    put(info, "responseType", over ? "AllClear" : said.number("level") > 1 ? "Prepare" : "Monitor");
    put(info, "urgency", over ? "Past" : said.text("urgency", "Unknown").c_str());
    put(info, "severity", said.text("severity", "Unknown"));
    put(info, "certainty", said.text("certainty", "Unknown"));
    if (auto const onset = said.instant("onset")) put(info, "onset", cap_time(*onset));
    if (auto const expires = said.instant("expires"))
        put(info, "expires", cap_time(over ? message.sent : *expires));
    put_if(info, "senderName", message.sender_name);
    put_if(info, "headline", said.text(words.headline));
    put_if(info, "description", said.text(words.description));
    auto const level = said.number("level");
    if (level >= 1 && level <= 3)
        put_pair(info, "parameter", "alertLevel", levels[std::size_t(level)]);
    auto area = info.append_child("area");
    put(area, "areaDesc", message.area_name.empty() ? "Khu vực cảnh báo" : message.area_name);
    put_polygons(area, message.area);
    if (auto const unit = said.text("scope"); !unit.empty())
        put_pair(area, "geocode", "VN-commune", unit);
}

std::string written(pugi::xml_document const& document) {
    std::ostringstream out;
    document.save(out, "  ", pugi::format_indent, pugi::encoding_utf8);
    return out.str();
}

pugi::xml_node begin(pugi::xml_document& document, char const* root, char const* name_space) {
    auto declaration = document.append_child(pugi::node_declaration);
    declaration.append_attribute("version") = "1.0";
    declaration.append_attribute("encoding") = "UTF-8";
    auto node = document.append_child(root);
    node.append_attribute("xmlns") = name_space;
    return node;
}

} // namespace

std::string cap_document(AlertMessage const& message, geo::Policy const& policy) {
    Said const said{message.said, policy};
    pugi::xml_document document;
    auto alert = begin(document, "alert", "urn:oasis:names:tc:emergency:cap:1.2");
    put(alert, "identifier", message.identifier);
    put(alert, "sender", message.sender);
    put(alert, "sent", cap_time(message.sent));
    put(alert, "status", message.status);
    put(alert, "msgType", message.type);
    bool const is_public = said.number("sensitivity") == 0;
    put(alert, "scope", is_public ? "Public" : "Restricted");
    if (!is_public) put(alert, "restriction", "Nội bộ / internal");
    std::string references;
    for (auto const& [identifier, sent] : message.refers)
        references += fmt::format("{}{},{},{}", references.empty() ? "" : " ", message.sender,
                                  identifier, cap_time(sent));
    put_if(alert, "references", references);
    for (auto const& words : languages) put_info(alert, message, said, words);
    return written(document);
}

std::string cap_feed(std::span<AlertMessage const> messages, geo::Policy const& policy,
                     std::string const& address, std::string const& alerts) {
    pugi::xml_document document;
    auto feed = begin(document, "feed", "http://www.w3.org/2005/Atom");
    geo::Instant updated;
    for (auto const& message : messages) updated = std::max(updated, message.sent);
    put(feed, "id", address);
    put(feed, "title", "Cảnh báo đang hiệu lực / active alerts");
    put(feed, "updated", atom_time(updated));
    put(feed.append_child("author"), "name",
        messages.empty() ? std::string{"Địa bàn"} : messages.front().sender_name);
    auto self = feed.append_child("link");
    self.append_attribute("rel") = "self";
    self.append_attribute("type") = "application/atom+xml";
    self.append_attribute("href") = address.c_str();
    for (auto const& message : messages) {
        Said const said{message.said, policy};
        auto entry = feed.append_child("entry");
        auto const link = alerts + "/" + message.identifier + ".xml";
        put(entry, "id", link);
        put(entry, "title", said.text("headline", "Cảnh báo"));
        put(entry, "updated", atom_time(message.sent));
        put_if(entry, "summary", said.text("description"));
        auto way = entry.append_child("link");
        way.append_attribute("rel") = "alternate";
        way.append_attribute("type") = std::string{cap_type}.c_str();
        way.append_attribute("href") = link.c_str();
    }
    return written(document);
}

} // namespace diaban::services::api
