#pragma once

#include "services/api/json.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace diaban::services::api {

/// The description of the API as it is sent: written once, since only the server's address differs
/// from one request to another, and writing takes longer than most answers.
///
/// Threads  any number may ask.
class OpenApiTexts {
public:
    /// `document` is OpenAPI 3.0, whole before the first question.
    explicit OpenApiTexts(std::shared_ptr<Json const> document);

    /// In OpenAPI 3.0 or 3.1, of a server that is reached at `origin`.
    [[nodiscard]] std::string text(bool as_31, std::string_view origin) const;

private:
    struct Halves {
        std::string before;
        std::string after;
    };
    static Halves halves(Json const& document);

    std::shared_ptr<Json const> m_document;
    mutable std::once_flag m_once;
    mutable std::array<Halves, 2> m_halves;
};

} // namespace diaban::services::api
