#include "geo/hazard/triage.hpp"

#include "geo/filter/fold.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

namespace diaban::geo::hazard {

namespace {

constexpr double most_metres = 50;
constexpr std::int64_t most_microseconds = 30LL * 60 * 1'000'000;
constexpr double least_shared = 0.5;

template <class Number>
bool meets(std::optional<Number> const& least, std::optional<Number> const& said) {
    return !least || (said && *said >= *least);
}

bool is_word(char c) noexcept {
    auto const byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

std::set<std::string> words_of(std::string_view text) {
    std::string plain;
    std::string folded;
    filter::fold_accents(text, plain);
    filter::fold_case(plain, folded);
    std::set<std::string> words;
    for (auto at = folded.begin(); at != folded.end();) {
        auto const begin = std::find_if(at, folded.end(), is_word);
        at = std::find_if_not(begin, folded.end(), is_word);
        if (begin != at) words.emplace(begin, at);
    }
    return words;
}

} // namespace

int triage(std::span<TriageRule const> rules, Plight const& plight) {
    int priority = lowest_priority;
    for (auto const& rule : rules)
        if (meets(rule.depth_from, plight.depth) &&
            meets(rule.vulnerable_from, std::optional{plight.vulnerable}) &&
            meets(rule.people_from, std::optional{plight.people}))
            priority = std::min(priority, rule.priority);
    return priority;
}

double shared_words(std::string_view one, std::string_view other) {
    auto const first = words_of(one);
    auto const second = words_of(other);
    if (first.empty() || second.empty()) return 0;
    std::set<std::string> both;
    std::ranges::set_intersection(first, second, std::inserter(both, both.end()));
    return double(both.size()) / double(first.size() + second.size() - both.size());
}

std::optional<std::int64_t> merged_into(std::span<EarlierCall const> earlier,
                                        std::string_view text) {
    EarlierCall const* best = nullptr;
    for (auto const& call : earlier) {
        if (call.same_phone) return call.root;
        bool const near =
            call.is_root && call.metres <= most_metres && call.microseconds <= most_microseconds;
        if (!near || (best != nullptr && best->metres <= call.metres)) continue;
        if (shared_words(call.text, text) >= least_shared) best = &call;
    }
    return best == nullptr ? std::nullopt : std::optional{best->root};
}

} // namespace diaban::geo::hazard
