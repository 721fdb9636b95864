#include "services/domain/intake_row.hpp"

#include "data/gdal/text.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace diaban::services::domain {
namespace {

using geo::Code;
using geo::Error;
using geo::FieldType;
using geo::ValueView;

bool equal_names(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char left, char right) {
        auto const low = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : int{c}; };
        return low(left) == low(right);
    });
}

std::string joined(std::vector<std::string> const& names) {
    std::string text;
    for (auto const& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::vector<std::string> names_of(data::gdal::SourceLayer const& layer) {
    std::vector<std::string> names;
    for (auto const& field : layer.fields) names.push_back(field.name);
    return names;
}

ValueView viewed(geo::Value const& value) {
    return std::visit([](auto const& held) -> ValueView { return held; }, value);
}

nlohmann::ordered_json json_of(ValueView const& view) {
    if (auto const* flag = std::get_if<bool>(&view)) return *flag;
    if (auto const* integer = std::get_if<std::int64_t>(&view)) return *integer;
    if (auto const* number = std::get_if<double>(&view))
        return std::isfinite(*number) ? nlohmann::ordered_json(*number) : nlohmann::ordered_json();
    if (auto const* text = std::get_if<std::string_view>(&view)) return *text;
    std::string written;
    if (auto const* date = std::get_if<geo::Date>(&view))
        geo::codec::append_date(written, *date);
    else if (auto const* instant = std::get_if<geo::Instant>(&view))
        geo::codec::append_instant(written, *instant);
    else
        return nullptr;
    return written;
}

} // namespace

RowBinder::RowBinder(geo::Schema const& schema, data::gdal::SourceLayer const& layer,
                     ImportRequest const& request, bool may_misread)
    : m_layer{layer}, m_file{request.file.filename().string()}, m_may_misread{may_misread},
      m_reader{request.utc_offset}, m_fields{schema.fields.size()}, m_scope{request.scope} {
    check_names(schema, request);
    for (auto const& [field, words] : request.values) m_words[field] = {words.begin(), words.end()};
    for (auto const& field : schema.fields) add_target(field.name, field.type, request);
    add_validity(schema, request);
    for (auto const field : layer.geometry_fields) select(layer.fields[field].name);
    if (!request.scope_field.empty()) m_scope_from = select(request.scope_field);
    check_key(request);
    m_values.resize(m_targets.size());
}

void RowBinder::check_names(geo::Schema const& schema, ImportRequest const& request) const {
    std::vector<std::string> known;
    for (auto const& field : schema.fields) known.push_back(field.name);
    for (auto const* validity : {"valid_from", "valid_to"})
        if (std::ranges::find(known, validity) == known.end()) known.emplace_back(validity);
    auto const check = [&](std::string const& name) {
        if (std::ranges::find(known, name) == known.end())
            throw Error{Code::bad_input,
                        "unknown-field",
                        {{"collection", schema.id}, {"field", name}, {"accepted", joined(known)}}};
    };
    for (auto const& [field, source] : request.map) check(field);
    for (auto const& [field, constant] : request.constants) check(field);
    for (auto const& [field, words] : request.values) check(field);
    for (auto const& field : request.key) check(field);
}

std::size_t RowBinder::find(std::string_view name) const {
    auto const& fields = m_layer.fields;
    auto const exact = [&](auto const& field) { return field.name == name; };
    auto const alike = [&](auto const& field) { return equal_names(field.name, name); };
    auto it = std::ranges::find_if(fields, exact);
    if (it == fields.end()) it = std::ranges::find_if(fields, alike);
    return it == fields.end() ? nowhere : static_cast<std::size_t>(it - fields.begin());
}

std::size_t RowBinder::select(std::string_view name) {
    auto const index = find(name);
    if (index == nowhere || !m_layer.fields[index].readable)
        throw Error{Code::bad_input,
                    "unknown-source-field",
                    {{"file", m_file},
                     {"field", std::string{name}},
                     {"accepted", joined(names_of(m_layer))}}};
    auto const it = std::ranges::find(m_selection, index);
    if (it != m_selection.end()) return static_cast<std::size_t>(it - m_selection.begin());
    m_selection.push_back(index);
    return m_selection.size() - 1;
}

void RowBinder::add_target(std::string const& name, FieldType type, ImportRequest const& request) {
    Target target;
    target.name = name;
    target.type = type;
    auto const constant = request.constants.find(name);
    auto const mapped = request.map.find(name);
    if (constant != request.constants.end()) {
        std::string cleaned;
        auto const text = clean(constant->second, name, cleaned, 0);
        auto const read = m_reader.read(text, type, target.written);
        if (!read.fault.empty())
            throw Error{Code::bad_input,
                        "bad-constant",
                        {{"field", name},
                         {"value", constant->second},
                         {"accepted", std::string{geo::to_string(type)}}}};
        target.constant = geo::owned(read.value);
    } else if (mapped != request.map.end()) {
        target.from = select(mapped->second);
    } else if (auto const same = find(name); same != nowhere && m_layer.fields[same].readable) {
        target.from = select(m_layer.fields[same].name);
    }
    if (auto const words = m_words.find(name); words != m_words.end())
        target.words = &words->second;
    m_targets.push_back(std::move(target));
}

void RowBinder::add_validity(geo::Schema const& schema, ImportRequest const& request) {
    auto const add = [&](std::string const& name, std::size_t& place) {
        auto const has = [&](auto const& field) { return field.name == name; };
        bool const asked = request.map.contains(name) || request.constants.contains(name);
        if (!asked || std::ranges::any_of(schema.fields, has)) return;
        place = m_targets.size();
        add_target(name, FieldType::timestamp, request);
    };
    add("valid_from", m_valid_from);
    add("valid_to", m_valid_to);
}

void RowBinder::check_key(ImportRequest const& request) const {
    if (request.mode == data::postgis::ImportMode::upsert && request.key.empty())
        throw Error{Code::bad_input, "key-needed", {{"mode", "upsert"}}};
    for (auto const& key : request.key) {
        auto const it = std::ranges::find(m_targets, key, &Target::name);
        if (it == m_targets.end() || (it->from == nowhere && !it->constant))
            throw Error{Code::bad_input,
                        "key-not-read",
                        {{"field", key}, {"accepted", joined(names_of(m_layer))}}};
    }
}

std::vector<std::string> RowBinder::unused() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < m_layer.fields.size(); ++i)
        if (std::ranges::find(m_selection, i) == m_selection.end())
            names.push_back(m_layer.fields[i].name);
    return names;
}

std::vector<std::string> RowBinder::spoken() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < m_fields; ++i)
        if (m_targets[i].constant || m_targets[i].from != nowhere)
            names.push_back(m_targets[i].name);
    return names;
}

std::string_view RowBinder::clean(std::string_view text, std::string const& field,
                                  std::string& buffer, std::int64_t row) const {
    bool const readable = data::gdal::is_utf8(text);
    if (!readable || (m_may_misread && data::gdal::looks_doubly_encoded(text)))
        throw Error{Code::bad_input,
                    "unreadable-encoding",
                    {{"file", m_file},
                     {"row", std::to_string(row)},
                     {"field", field},
                     {"value", readable ? std::string{text} : std::string{}}},
                    readable ? "UTF-8 read as a western code page" : "not UTF-8"};
    return data::gdal::to_nfc(data::gdal::trimmed(text), buffer);
}

ValueView RowBinder::value(Target& target, std::span<ValueView const> from, std::int64_t row) {
    if (target.constant) return viewed(*target.constant);
    if (target.from == nowhere) return {};
    auto given = from[target.from];
    if (auto const* text = std::get_if<std::string_view>(&given))
        given = clean(*text, m_layer.fields[m_selection[target.from]].name, target.cleaned, row);
    if (target.words != nullptr) {
        auto const as_text = m_reader.read(given, FieldType::text, target.written);
        auto const* text = std::get_if<std::string_view>(&as_text.value);
        auto word = target.words->find(text == nullptr ? std::string{} : std::string{*text});
        if (word == target.words->end() && text != nullptr) word = target.words->find("*");
        if (word != target.words->end()) given = std::string_view{word->second};
    }
    auto const read = m_reader.read(given, target.type, target.written);
    if (read.zoneless)
        throw Error{Code::bad_input,
                    "no-time-zone",
                    {{"row", std::to_string(row)},
                     {"field", target.name},
                     {"value", std::string{std::get<std::string_view>(given)}}}};
    if (!read.fault.empty() && m_fault.empty()) {
        m_fault = read.fault;
        m_detail = target.name + ": " + json_of(given).dump();
    }
    return read.value;
}

RowBinder::Bound RowBinder::bind(std::span<ValueView const> from, std::int64_t row) {
    m_fault = {};
    m_detail.clear();
    for (std::size_t i = 0; i < m_targets.size(); ++i) m_values[i] = value(m_targets[i], from, row);
    Bound bound;
    bound.values = std::span{m_values}.first(m_fields);
    auto const instant = [&](std::size_t at) -> std::optional<geo::Instant> {
        if (at == nowhere) return std::nullopt;
        auto const* held = std::get_if<geo::Instant>(&m_values[at]);
        return held == nullptr ? std::nullopt : std::optional{*held};
    };
    bound.valid_from = instant(m_valid_from);
    bound.valid_to = instant(m_valid_to);
    bound.scope = m_scope;
    if (m_scope_from != nowhere) {
        auto given = from[m_scope_from];
        if (auto const* text = std::get_if<std::string_view>(&given))
            given =
                clean(*text, m_layer.fields[m_selection[m_scope_from]].name, m_scope_cleaned, row);
        auto const read = m_reader.read(given, FieldType::text, m_scope_written);
        auto const* text = std::get_if<std::string_view>(&read.value);
        bound.scope = text == nullptr ? std::string_view{} : *text;
    }
    bound.fault = m_fault;
    bound.detail = m_detail;
    return bound;
}

std::string RowBinder::as_json(std::span<ValueView const> from) const {
    auto object = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < m_selection.size(); ++i)
        object[m_layer.fields[m_selection[i]].name] = json_of(from[i]);
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace diaban::services::domain
