#pragma once

#include "geo/error.hpp"
#include "services/http/message.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace diaban::services::http {

/// The two languages of the house. Vietnamese is the default.
enum class Language : std::uint8_t { vi, en };

[[nodiscard]] constexpr std::string_view to_string(Language language) noexcept {
    return language == Language::en ? "en" : "vi";
}
[[nodiscard]] std::optional<Language> language_named(std::string_view name) noexcept;

/// What is said of one type of error. `{name}` in a detail stands for the error's parameter.
struct Sentence {
    std::string_view type;
    std::string_view title_vi;
    std::string_view title_en;
    std::string_view detail_vi;
    std::string_view detail_en;
};

/// The one catalogue, sorted by type; a test holds it against every error thrown in the sources.
[[nodiscard]] std::span<Sentence const> sentences() noexcept;

/// The entry of a type; the entry `internal` for a type that has none.
[[nodiscard]] Sentence const& sentence_of(std::string_view type) noexcept;

/// `pattern` with each `{name}` replaced by the parameter of that name (or by nothing).
[[nodiscard]] std::string fill(std::string_view pattern, geo::Error::Parameters const& parameters);

/// What is wrong with one part of a request's body.
struct PartProblem {
    std::string pointer; ///< JSON pointer (RFC 6901) into the body
    std::string type;    ///< entry of the catalogue
    geo::Error::Parameters parameters;
};

/// RFC 7807 body and status of an error. What is in the error's `detail` stays inside.
///
/// `instance`  the path that was asked.
/// `parts`     become the member `errors`, each with pointer, type, sentence and parameters.
[[nodiscard]] Response problem(geo::Error const& error, int status, Language language,
                               std::string_view instance, std::span<PartProblem const> parts = {});

} // namespace diaban::services::http
