#include "services/api/cap_reader.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/ops/overlay.hpp"
#include "geo/ops/validate.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <span>

namespace diaban::services::api {

namespace {

using geo::Position;

constexpr std::string_view name_space = "urn:oasis:names:tc:emergency:cap:1.2";
constexpr std::size_t most_text = 10'000;
constexpr std::size_t most_corners = 20'000;
constexpr double degrees_a_kilometre = 180 / (6'371.0088 * std::numbers::pi); // mean radius, IUGG

constexpr std::string_view statuses[] = {"Actual", "Exercise", "System", "Test", "Draft"};
constexpr std::string_view types[] = {"Alert", "Update", "Cancel", "Ack", "Error"};
constexpr std::string_view scopes[] = {"Public", "Restricted", "Private"};
constexpr std::string_view severities[] = {"Extreme", "Severe", "Moderate", "Minor", "Unknown"};
constexpr std::string_view urgencies[] = {"Immediate", "Expected", "Future", "Past", "Unknown"};
constexpr std::string_view certainties[] = {"Observed", "Likely", "Possible", "Unlikely",
                                            "Unknown"};

[[noreturn]] void refuse(std::string_view part) {
    throw geo::Error{geo::Code::bad_input, "bad-cap", {{"parameter", std::string{part}}}};
}

std::string text_of(pugi::xml_node node, char const* name, bool needed = false) {
    std::string text = node.child(name).text().get();
    auto const first = text.find_first_not_of(" \t\r\n");
    auto const last = text.find_last_not_of(" \t\r\n");
    text = first == text.npos ? std::string{} : text.substr(first, last - first + 1);
    if (text.size() > most_text || (needed && text.empty())) refuse(name);
    return text;
}

std::string word_of(pugi::xml_node node, char const* name,
                    std::span<std::string_view const> accepted) {
    auto word = text_of(node, name, true);
    if (std::ranges::find(accepted, word) == accepted.end()) refuse(name);
    return word;
}

std::optional<geo::Instant> instant_of(pugi::xml_node node, char const* name, bool needed = false) {
    auto const text = text_of(node, name, needed);
    if (text.empty()) return std::nullopt;
    auto const instant = geo::codec::read_instant(text);
    if (!instant) refuse(name);
    return instant;
}

std::vector<std::string> words_of(std::string const& text) {
    std::vector<std::string> words;
    constexpr char blank[] = " \t\r\n";
    for (auto at = text.find_first_not_of(blank); at != text.npos;) {
        auto const end = std::min(text.find_first_of(blank, at), text.size());
        words.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(blank, end);
    }
    return words;
}

double number_of(std::string_view text, char const* part) {
    double number = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
        refuse(part);
    return number;
}

/// `latitude,longitude`.
Position position_of(std::string const& text, char const* part) {
    auto const comma = text.find(',');
    if (comma == text.npos) refuse(part);
    std::string_view const whole{text};
    Position const p{number_of(whole.substr(comma + 1), part),
                     number_of(whole.substr(0, comma), part)};
    if (std::abs(p.x) > 180 || std::abs(p.y) > 90) refuse(part);
    return p;
}

void add_ring(geo::Geometry& area, std::vector<Position> const& ring) {
    area.positions.insert(area.positions.end(), ring.begin(), ring.end());
    area.path_ends.push_back(std::uint32_t(area.positions.size()));
    area.part_ends.push_back(std::uint32_t(area.path_ends.size()));
    area.multi = area.part_ends.size() > 1;
    if (area.positions.size() > most_corners) refuse("area");
}

std::vector<Position> polygon_of(std::string const& text) {
    std::vector<Position> ring;
    for (auto const& word : words_of(text)) ring.push_back(position_of(word, "polygon"));
    constexpr std::size_t least = 4;
    if (ring.size() < least || !(ring.front() == ring.back())) refuse("polygon");
    return ring;
}

/// `latitude,longitude kilometres`; nothing of a radius of zero, which is a place.
std::vector<Position> circle_of(std::string const& text) {
    auto const words = words_of(text);
    if (words.size() != 2) refuse("circle");
    auto const middle = position_of(words[0], "circle");
    auto const radius = number_of(words[1], "circle") * degrees_a_kilometre;
    constexpr double widest = 10; // degrees
    if (radius < 0 || radius > widest || std::abs(middle.y) + radius > 80) refuse("circle");
    std::vector<Position> ring;
    if (radius == 0) return ring;
    constexpr int sides = 64;
    double const narrow = std::cos(middle.y * std::numbers::pi / 180);
    for (int i = 0; i < sides; ++i) {
        double const turn = 2 * std::numbers::pi * i / sides;
        ring.push_back(
            {middle.x + radius * std::cos(turn) / narrow, middle.y + radius * std::sin(turn)});
    }
    ring.push_back(ring.front());
    return ring;
}

geo::Geometry area_of(pugi::xml_node info) {
    geo::Geometry area;
    area.kind = geo::GeometryKind::polygon;
    area.srid = 4326;
    std::size_t shapes = 0;
    for (auto const part : info.children("area")) {
        static_cast<void>(text_of(part, "areaDesc", true));
        for (auto const one : part.children("polygon"))
            add_ring(area, polygon_of(one.text().get()));
        for (auto const one : part.children("circle"))
            if (auto const ring = circle_of(one.text().get()); !ring.empty()) add_ring(area, ring);
        shapes = area.part_ends.size();
    }
    if (shapes > 1) area = geo::ops::united(area);
    if (!geo::ops::validate(area).valid) refuse("area");
    area.srid = 4326;
    return area;
}

/// The first info whose language begins so.
pugi::xml_node info_in(pugi::xml_node alert, std::string_view language) {
    for (auto const info : alert.children("info")) {
        auto const said = text_of(info, "language");
        if ((said.empty() ? std::string{"en-US"} : said).starts_with(language)) return info;
    }
    return {};
}

void read_info(pugi::xml_node alert, CapMessage& message) {
    auto const first = alert.child("info");
    if (!first) refuse("info");
    auto vietnamese = info_in(alert, "vi");
    auto english = info_in(alert, "en");
    if (!vietnamese) vietnamese = english ? english : first;
    if (!english) english = vietnamese;
    message.event = text_of(vietnamese, "event", true);
    message.event_en = text_of(english, "event", true);
    message.headline = text_of(vietnamese, "headline");
    message.headline_en = text_of(english, "headline");
    if (message.headline.empty()) message.headline = message.event;
    if (message.headline_en.empty()) message.headline_en = message.event_en;
    message.description = text_of(vietnamese, "description");
    message.description_en = text_of(english, "description");
    message.severity = word_of(vietnamese, "severity", severities);
    message.urgency = word_of(vietnamese, "urgency", urgencies);
    message.certainty = word_of(vietnamese, "certainty", certainties);
    static_cast<void>(text_of(vietnamese, "category", true));
    message.onset = instant_of(vietnamese, "onset");
    if (!message.onset) message.onset = instant_of(vietnamese, "effective");
    message.expires = instant_of(vietnamese, "expires");
    message.area = area_of(vietnamese);
}

/// A name that may stand in a reference: without blanks, commas and marks of XML.
std::string name_of(pugi::xml_node alert, char const* part) {
    auto name = text_of(alert, part, true);
    constexpr std::size_t most = 200;
    if (name.size() > most || name.find_first_of(" ,<&\t\r\n") != name.npos) refuse(part);
    return name;
}

} // namespace

CapMessage read_cap(std::string_view document) {
    if (document.size() > most_cap_bytes)
        throw geo::Error{
            geo::Code::too_large, "body-too-large", {{"accepted", std::to_string(most_cap_bytes)}}};
    pugi::xml_document xml;
    auto const read = xml.load_buffer(document.data(), document.size(),
                                      pugi::parse_default | pugi::parse_doctype);
    auto const alert = xml.child("alert");
    if (!read || !alert) refuse("alert");
    for (auto const node : xml.children())
        if (node.type() == pugi::node_doctype) refuse("DOCTYPE");
    if (alert.attribute("xmlns").value() != name_space) refuse("xmlns");
    CapMessage message;
    auto const sender = name_of(alert, "sender");
    message.identity = sender + "," + name_of(alert, "identifier");
    static_cast<void>(instant_of(alert, "sent", true));
    if (word_of(alert, "status", statuses) != "Actual") refuse("status");
    message.type = word_of(alert, "msgType", types);
    if (message.type == "Ack" || message.type == "Error") refuse("msgType");
    if (word_of(alert, "scope", scopes) != "Public") refuse("scope");
    for (auto const& reference : words_of(text_of(alert, "references"))) {
        auto const comma = reference.rfind(',');
        if (comma == reference.npos || comma == reference.find(',')) refuse("references");
        message.refers.push_back(reference.substr(0, comma));
    }
    if (message.type != "Alert" && message.refers.empty()) refuse("references");
    if (message.type != "Cancel") read_info(alert, message);
    return message;
}

} // namespace diaban::services::api
