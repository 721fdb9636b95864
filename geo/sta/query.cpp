#include "geo/sta/query.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <charconv>

namespace diaban::geo::sta {

namespace {

constexpr int most_depth = 5;
constexpr std::size_t most_expansions = 20;
constexpr std::size_t most_steps = 6;
constexpr std::uint32_t most_skip = 1'000'000;

[[noreturn]] void refuse_option(std::string_view name, std::string_view value,
                                std::string accepted) {
    throw Error{Code::bad_input,
                "sta-option",
                {{"parameter", std::string{name}},
                 {"value", std::string{value.substr(0, 60)}},
                 {"accepted", std::move(accepted)}}};
}

/// Parts between `separator`s that stand in no parentheses and no quotes.
std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    int depth = 0;
    bool in_text = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        bool const end = i == text.size();
        char const c = end ? separator : text[i];
        if (c == '\'' && !end) in_text = !in_text;
        if (in_text && !end) continue;
        if (c == '(') ++depth;
        if (c == ')') --depth;
        if (depth < 0) break;
        if ((c != separator || depth != 0) && !end) continue;
        parts.push_back(text.substr(begin, i - begin));
        begin = i + 1;
    }
    if (depth != 0 || in_text)
        throw Error{Code::bad_input, "sta-syntax", {{"value", std::string{text.substr(0, 60)}}}};
    return parts;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

std::uint32_t read_whole(std::string_view name, std::string_view text, std::uint32_t most) {
    std::uint32_t number = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || end != text.data() + text.size() || number > most)
        refuse_option(name, text, "0.." + std::to_string(most));
    return number;
}

class OptionReader {
public:
    Query read(Entity of, std::span<Option const> options, int depth) {
        Query query;
        for (auto const& [name, value] : options) {
            query.given.emplace_back(name, value);
            if (name == "$filter") query.filter = read_expression(value);
            if (name == "$orderby") query.order = read_orderings(value);
            if (name == "$top") query.top = read_whole(name, value, UINT32_MAX);
            if (name == "$skip") query.skip = read_whole(name, value, most_skip);
            if (name == "$count") query.count = read_truth(name, value);
            if (name == "$select") query.select = read_select(value);
            if (name == "$expand") read_expand(of, value, depth, query);
        }
        return query;
    }

private:
    static bool read_truth(std::string_view name, std::string_view value) {
        if (value != "true" && value != "false") refuse_option(name, value, "true, false");
        return value == "true";
    }
    static std::vector<std::string> read_select(std::string_view value) {
        std::vector<std::string> names;
        for (auto const part : split(value, ',')) {
            auto const name = trimmed(part);
            if (name.empty()) refuse_option("$select", value, "a,b");
            names.emplace_back(name);
        }
        return names;
    }

    /// `A/B/C(…)` is C of B of A; what is expanded already is added to.
    void read_expand(Entity of, std::string_view value, int depth, Query& into) {
        for (auto const part : split(value, ',')) {
            auto const text = trimmed(part);
            auto const open = text.find('(');
            bool const has_options = open != std::string_view::npos;
            if (has_options && !text.ends_with(')')) refuse_option("$expand", text, "A(…)");
            auto* query = &into;
            auto entity = of;
            int level = depth;
            for (auto const name : split(text.substr(0, open), '/')) {
                query = &expansion(*query, entity, trimmed(name), ++level);
                entity = m_entity;
            }
            if (!has_options) continue;
            std::vector<Option> options;
            for (auto const one : split(text.substr(open + 1, text.size() - open - 2), ';')) {
                auto const equals = one.find('=');
                if (equals == std::string_view::npos) refuse_option("$expand", one, "$name=…");
                auto const name = trimmed(one.substr(0, equals));
                static constexpr std::string_view known[] = {
                    "$filter", "$orderby", "$top", "$skip", "$count", "$select", "$expand"};
                if (std::ranges::find(known, name) == std::end(known))
                    refuse_option("$expand", name,
                                  "$filter, $orderby, $top, $skip, $count, $select, $expand");
                options.emplace_back(name, one.substr(equals + 1));
            }
            merge(*query, read(entity, options, level));
        }
    }

    Query& expansion(Query& of, Entity entity, std::string_view name, int depth) {
        auto const* const relation = find_relation(entity, name);
        if (relation == nullptr)
            throw Error{
                Code::bad_input,
                "sta-relation",
                {{"value", std::string{name.substr(0, 60)}}, {"accepted", names_of(entity)}}};
        m_entity = relation->to;
        for (auto& one : of.expand)
            if (one.relation == relation) return one.query;
        if (depth > most_depth || ++m_count > most_expansions)
            refuse_option("$expand", name, std::to_string(most_expansions));
        of.expand.push_back({relation, {}});
        return of.expand.back().query;
    }

    static void merge(Query& into, Query from) {
        for (auto& one : into.expand) from.expand.push_back(std::move(one));
        into = std::move(from);
    }

    static std::string names_of(Entity entity) {
        std::string names;
        for (auto const& relation : relations_of(entity))
            names += (names.empty() ? "" : ", ") + std::string{relation.name};
        return names;
    }

    std::size_t m_count = 0;
    Entity m_entity = Entity::thing; ///< where the last expansion leads
};

/// `Things(1)`: the name, and the number in parentheses.
bool read_segment(std::string_view text, std::string_view& name, std::optional<std::int64_t>& id) {
    auto const open = text.find('(');
    name = text.substr(0, open);
    if (open == std::string_view::npos) return true;
    if (!text.ends_with(')')) return false;
    auto const digits = text.substr(open + 1, text.size() - open - 2);
    std::int64_t number = 0;
    auto const [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (fault != std::errc{} || end != digits.data() + digits.size()) return false;
    id = number;
    return true;
}

} // namespace

Query read_query(Entity of, std::span<Option const> options) {
    return OptionReader{}.read(of, options, 0);
}

std::optional<Path> read_path(std::string_view text) {
    Path path;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        auto const end = std::min(text.find('/', begin), text.size());
        auto const segment = text.substr(begin, end - begin);
        begin = end + 1;
        bool const first = path.steps.empty();
        if (path.raw || path.references) return std::nullopt; // nothing comes after these
        if (segment == "$value" || segment == "$ref") {
            bool const value = segment == "$value";
            if (first || value == path.property.empty()) return std::nullopt;
            (value ? path.raw : path.references) = true;
            continue;
        }
        std::string_view name;
        std::optional<std::int64_t> id;
        if (!path.property.empty() || !read_segment(segment, name, id)) return std::nullopt;
        if (first) {
            auto const entity = entity_of_set(name);
            if (!entity) return std::nullopt;
            path.steps.push_back({*entity, nullptr, id});
            continue;
        }
        if (!path.is_one() || path.steps.size() == most_steps) return std::nullopt;
        auto const* const relation = find_relation(path.steps.back().entity, name);
        if (relation == nullptr) {
            if (id) return std::nullopt;
            path.property = name;
        } else if (id && !relation->many) {
            return std::nullopt;
        } else {
            path.steps.push_back({relation->to, relation, id});
        }
    }
    return path;
}

} // namespace diaban::geo::sta
