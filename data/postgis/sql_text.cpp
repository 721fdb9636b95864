#include "data/postgis/sql_text.hpp"

namespace diaban::data::postgis {

std::string quoted(std::string_view name) {
    std::string result = "\"";
    for (char const c : name) {
        if (c == '"') result += '"';
        result += c;
    }
    return result += '"';
}

std::string table_of(std::string_view collection_id) {
    return "record." + quoted(collection_id);
}

std::string array_text(std::span<std::int64_t const> numbers) {
    std::string result = "{";
    for (auto const number : numbers) {
        if (result.size() > 1) result += ',';
        result += std::to_string(number);
    }
    return result += '}';
}

std::string array_text(std::span<std::string const> words) {
    std::string result = "{";
    for (auto const& word : words) {
        if (result.size() > 1) result += ',';
        result += '"';
        for (char const c : word) {
            if (c == '"' || c == '\\') result += '\\';
            result += c;
        }
        result += '"';
    }
    return result += '}';
}

std::string policy_condition(geo::Policy const& policy, std::string_view alias) {
    // Each setting is read once a statement, in a subquery, not once a row.
    std::string const row{alias};
    std::string condition;
    if (policy.level() < 255)
        condition = row + ".sensitivity <= (SELECT current_setting('diaban.level')::smallint)";
    if (!policy.all_scopes()) {
        if (!condition.empty()) condition += " AND ";
        condition +=
            row + ".scope = ANY ((SELECT current_setting('diaban.scopes')::text[])::text[])";
    }
    return condition.empty() ? "true" : condition;
}

bool is_validity(geo::Field const& field) noexcept {
    return field.name == "valid_from" || field.name == "valid_to";
}

std::string field_expression(geo::Field const& field, std::string_view alias) {
    std::string const column = std::string{alias} + "." + quoted(field.name);
    if (!is_validity(field) || field.type != geo::FieldType::date) return column;
    // Days are counted in UTC+7; the last day is the one that holds the last instant.
    if (field.name == "valid_from") return "(" + column + " AT TIME ZONE INTERVAL '+07:00')::date";
    return "((" + column + " - INTERVAL '1 microsecond') AT TIME ZONE INTERVAL '+07:00')::date";
}

} // namespace diaban::data::postgis
