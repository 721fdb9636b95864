#include "services/http/negotiation.hpp"

#include <array>
#include <optional>

namespace diaban::services::http {

namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Cuts `text` at the first `mark`; the part before it, trimmed.
std::string_view next_part(std::string_view& text, char mark) {
    auto const end = text.find(mark);
    auto const part = trim(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    return part;
}

/// qvalue of RFC 9110, 12.4.2, in thousandths.
std::optional<int> read_weight(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    int value = (text[0] - '0') * 1000;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    int place = 100;
    for (std::size_t i = 2; i < text.size(); ++i, place /= 10) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value += (text[i] - '0') * place;
    }
    if (value > 1000) return std::nullopt;
    return value;
}

/// Calls `take(name, weight)` for each element of a list field that can be read.
template <class Take>
void each_element(std::string_view list, Take take) {
    while (!list.empty()) {
        auto element = next_part(list, ',');
        auto const name = next_part(element, ';');
        if (name.empty()) continue;
        std::optional<int> weight = 1000;
        while (!element.empty()) {
            auto const parameter = next_part(element, ';');
            if (parameter.size() >= 2 && (parameter[0] == 'q' || parameter[0] == 'Q') &&
                parameter[1] == '=')
                weight = read_weight(parameter.substr(2));
        }
        if (weight) take(name, *weight);
    }
}

/// How closely `range` names `type`: 3 exactly, 2 as type/*, 1 as */*, 0 not.
int closeness(std::string_view range, std::string_view type) {
    if (equal_without_case(range, type)) return 3;
    if (range == "*/*" || range == "*") return 1;
    auto const slash = range.find('/');
    if (slash != std::string_view::npos && range.substr(slash) == "/*" &&
        equal_without_case(range.substr(0, slash), type.substr(0, type.find('/'))))
        return 2;
    return 0;
}

} // namespace

Encoding choose_encoding(std::string_view accept_encoding) noexcept {
    constexpr std::array ours{Encoding::zstd, Encoding::brotli, Encoding::gzip};
    std::array<int, 3> weights{-1, -1, -1};
    int others = 0;
    int identity = -1;
    each_element(accept_encoding, [&](std::string_view name, int weight) {
        if (name == "*") others = weight;
        if (equal_without_case(name, "identity")) identity = weight;
        for (std::size_t i = 0; i < ours.size(); ++i)
            if (equal_without_case(name, to_string(ours[i])) ||
                (ours[i] == Encoding::gzip && equal_without_case(name, "x-gzip")))
                weights[i] = weight;
    });
    auto best = Encoding::identity;
    int best_weight = identity > 0 ? identity - 1 : 0; // a coding wins against identity on a tie
    for (std::size_t i = 0; i < ours.size(); ++i) {
        int const weight = weights[i] < 0 ? others : weights[i];
        if (weight > best_weight) {
            best = ours[i];
            best_weight = weight;
        }
    }
    return best;
}

bool accepts(std::string_view accept_encoding, Encoding encoding) noexcept {
    std::optional<int> named;
    int others = 0;
    each_element(accept_encoding, [&](std::string_view name, int weight) {
        if (name == "*") others = weight;
        if (equal_without_case(name, to_string(encoding)) ||
            (encoding == Encoding::gzip && equal_without_case(name, "x-gzip")))
            named = weight;
    });
    return named.value_or(others) > 0;
}

std::optional<std::size_t>
choose_media_type(std::string_view accept,
                  std::initializer_list<std::string_view> offered) noexcept {
    bool readable = false;
    std::optional<std::size_t> best;
    int best_weight = 0;
    std::size_t index = 0;
    for (auto const type : offered) {
        int nearest = 0;
        int weight = 0;
        each_element(accept, [&](std::string_view range, int given) {
            bool const is_range = range == "*" || range.find('/') != std::string_view::npos;
            readable |= is_range;
            int const near = closeness(range, type);
            if (near > nearest) {
                nearest = near;
                weight = given;
            }
        });
        if (weight > best_weight) {
            best = index;
            best_weight = weight;
        }
        ++index;
    }
    if (!readable) return 0;
    return best;
}

Language choose_language(std::optional<std::string_view> parameter,
                         std::string_view accept_language) noexcept {
    if (parameter)
        if (auto const named = language_named(*parameter)) return *named;
    auto best = Language::vi;
    int best_weight = 0;
    each_element(accept_language, [&](std::string_view name, int weight) {
        auto const named = language_named(name);
        if (named && weight > best_weight) {
            best = *named;
            best_weight = weight;
        }
    });
    return best;
}

bool names_etag(std::string_view if_none_match, std::string_view etag) noexcept {
    while (!if_none_match.empty()) {
        auto tag = next_part(if_none_match, ',');
        if (tag == "*") return true;
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        if (tag == etag) return true;
    }
    return false;
}

} // namespace diaban::services::http
