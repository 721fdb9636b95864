#include "services/http/router.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace diaban::services::http {

namespace {

[[noreturn]] void bad_path_parameter(std::string_view name, std::string const& text,
                                     char const* accepted) {
    throw geo::Error{
        geo::Code::bad_input,
        "bad-path-parameter",
        {{"parameter", std::string{name}}, {"value", text.substr(0, 64)}, {"accepted", accepted}}};
}

template <class T>
std::optional<T> whole_number(std::string_view text) {
    T value{};
    auto const* const end = text.data() + text.size();
    auto const [stop, fault] = std::from_chars(text.data(), end, value);
    if (fault != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> parts;
    parts.reserve(8);
    for (;;) {
        auto const slash = path.find('/');
        parts.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return parts;
        path.remove_prefix(slash + 1);
    }
}

/// Path segments of a request, decoded where they are encoded at all.
struct Decoded {
    explicit Decoded(std::string_view path) : views{split(path.substr(1))} {
        if (path.find('%') == std::string_view::npos) return;
        storage.reserve(views.size());
        for (auto& view : views) {
            auto text = percent_decode(view, false);
            if (!text)
                throw geo::Error{
                    geo::Code::bad_input,
                    "bad-percent-encoding",
                    {{"parameter", "path"}, {"value", std::string{view.substr(0, 64)}}}};
            storage.push_back(std::move(*text));
            view = storage.back();
        }
    }
    std::vector<std::string_view> views;
    std::vector<std::string> storage;
};

bool fits(Route::Segment const& segment, std::string_view text) {
    if (segment.name.empty()) return text == segment.prefix;
    return text.size() > segment.prefix.size() + segment.suffix.size() &&
           text.starts_with(segment.prefix) && text.ends_with(segment.suffix);
}

bool fits(Route const& route, std::vector<std::string_view> const& parts) {
    auto const fixed = route.segments.size() - (route.takes_rest ? 1 : 0);
    if (route.takes_rest ? parts.size() <= fixed : parts.size() != fixed) return false;
    for (std::size_t i = 0; i < fixed; ++i)
        if (!fits(route.segments[i], parts[i])) return false;
    return true;
}

std::vector<std::string> captures(Route const& route, std::vector<std::string_view> const& parts) {
    std::vector<std::string> texts;
    texts.reserve(route.names.size());
    for (std::size_t i = 0; i < route.segments.size(); ++i) {
        auto const& segment = route.segments[i];
        if (segment.name.empty()) continue;
        if (route.takes_rest && i + 1 == route.segments.size()) {
            std::string rest;
            for (std::size_t k = i; k < parts.size(); ++k) {
                if (k > i) rest += '/';
                rest += parts[k];
            }
            texts.push_back(std::move(rest));
        } else {
            texts.emplace_back(
                parts[i].substr(segment.prefix.size(),
                                parts[i].size() - segment.prefix.size() - segment.suffix.size()));
        }
    }
    return texts;
}

} // namespace

geo::Error unknown_collection(std::string_view id) {
    constexpr std::size_t most_said = 64;
    return {geo::Code::not_found,
            "unknown-collection",
            {{"collection", std::string{id.substr(0, most_said)}}}};
}

bool Context::sees(std::string_view collection) const noexcept {
    return visitor.rights->find(collection, access::Action::read) != nullptr;
}

geo::Policy const& Context::policy(std::string_view collection) const {
    auto const* const policy = visitor.rights->find(collection, access::Action::read);
    if (policy == nullptr) throw unknown_collection(collection);
    return *policy;
}

geo::Policy const& Context::edit_policy(std::string_view collection) const {
    if (!sees(collection)) throw unknown_collection(collection);
    auto const* const policy = visitor.rights->find(collection, access::Action::edit);
    if (policy == nullptr && visitor.way == access::Visitor::Way::anonymous)
        throw geo::Error{geo::Code::forbidden, "sign-in-needed"};
    if (policy == nullptr)
        throw geo::Error{
            geo::Code::forbidden, "edit-forbidden", {{"collection", std::string{collection}}}};
    return *policy;
}

template <>
std::string route::convert<std::string>(std::string_view, std::string const& text) {
    return text;
}

template <>
std::uint32_t route::convert<std::uint32_t>(std::string_view name, std::string const& text) {
    auto const value = whole_number<std::uint32_t>(text);
    if (!value) bad_path_parameter(name, text, "0..4294967295");
    return *value;
}

template <>
std::int64_t route::convert<std::int64_t>(std::string_view name, std::string const& text) {
    auto const value = whole_number<std::int64_t>(text);
    if (!value || *value < 0) bad_path_parameter(name, text, "0..9007199254740991");
    return *value;
}

Route& Router::append(Method method, access::Need need, std::string_view pattern,
                      std::vector<std::string> accepted, std::size_t parameters) {
    Route route;
    route.method = method;
    route.need = need;
    route.pattern = pattern;
    route.accepted = std::move(accepted);
    for (auto part : split(pattern.substr(1))) {
        auto const open = part.find('{');
        auto const close = part.find('}');
        if (open == std::string_view::npos) {
            route.segments.push_back({std::string{part}, {}, {}});
            continue;
        }
        auto name = part.substr(open + 1, close - open - 1);
        if (name.ends_with("...")) {
            name.remove_suffix(3);
            route.takes_rest = true;
        }
        route.segments.push_back({std::string{part.substr(0, open)}, std::string{name},
                                  std::string{part.substr(close + 1)}});
        route.names.emplace_back(name);
    }
    if (route.names.size() != parameters)
        throw std::logic_error{"path parameters and handler differ: " + route.pattern};
    m_routes.push_back(std::move(route));
    return m_routes.back();
}

Router::Match Router::find(Method method, std::string_view path) const {
    Match match;
    if (!path.starts_with('/')) return match;
    Decoded const decoded{path};
    auto const wanted = method == Method::head ? Method::get : method;
    for (auto const& route : m_routes) {
        if (!fits(route, decoded.views)) continue;
        if (route.method == wanted) {
            match.route = &route;
            match.texts = captures(route, decoded.views);
            return match;
        }
        match.allowed.push_back(route.method);
    }
    return match;
}

void Router::check_parameters(Route const& route, Query const& query) {
    if (std::ranges::find(route.accepted, "*") != route.accepted.end()) return;
    for (auto const& [name, value] : query.all()) {
        if (name == "lang" || std::ranges::find(route.accepted, name) != route.accepted.end())
            continue;
        auto accepted = route.accepted;
        accepted.emplace_back("lang");
        throw geo::Error{geo::Code::bad_input,
                         "unknown-parameter",
                         {{"parameter", name.substr(0, 64)}, {"accepted", join(accepted)}}};
    }
}

std::string join(std::span<std::string const> words) {
    std::string joined;
    for (auto const& word : words) {
        if (!joined.empty()) joined += ", ";
        joined += word;
    }
    return joined;
}

} // namespace diaban::services::http
