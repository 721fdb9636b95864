#include "services/doctor/finding.hpp"

#include "services/doctor/words.hpp"

#include <algorithm>

namespace diaban::services::doctor {

namespace {

static_assert(std::ranges::is_sorted(all_words, {}, &Words::code));

Words const* words_of(std::string_view code) noexcept {
    auto const* const it = std::ranges::lower_bound(all_words, code, {}, &Words::code);
    return it != std::end(all_words) && it->code == code ? it : nullptr;
}

} // namespace

std::span<Words const> words() noexcept {
    return all_words;
}

std::string_view to_string(Level level) noexcept {
    switch (level) {
    case Level::ok: return "ok";
    case Level::warn: return "warn";
    case Level::fail: break;
    }
    return "fail";
}

Level worst(std::span<Finding const> findings) noexcept {
    auto level = Level::ok;
    for (auto const& finding : findings) level = std::max(level, finding.level);
    return level;
}

std::string found(Finding const& finding, http::Language language) {
    bool const english = language == http::Language::en;
    if (auto const* const own = words_of(finding.code))
        return http::fill(english ? own->found_en : own->found_vi, finding.parameters);
    auto const& sentence = http::sentence_of(finding.code);
    return http::fill(english ? sentence.detail_en : sentence.detail_vi, finding.parameters);
}

std::string remedy(Finding const& finding, http::Language language) {
    bool const english = language == http::Language::en;
    auto const* own = words_of(finding.code);
    if (own == nullptr && finding.level != Level::ok) own = words_of("unfinished");
    if (own == nullptr) return {};
    return http::fill(english ? own->remedy_en : own->remedy_vi, finding.parameters);
}

Finding unfinished(std::string check, geo::Error const& error) {
    return {std::move(check), Level::fail, error.type(), error.parameters(), error.detail()};
}

} // namespace diaban::services::doctor
