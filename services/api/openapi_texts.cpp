#include "services/api/openapi_texts.hpp"

#include "services/api/openapi_31.hpp"

#include <utility>

namespace diaban::services::api {

namespace {

/// Stands where the address goes; no text of the description holds it.
constexpr std::string_view place = "\u0001here\u0001";

} // namespace

OpenApiTexts::OpenApiTexts(std::shared_ptr<Json const> document)
    : m_document{std::move(document)} {}

OpenApiTexts::Halves OpenApiTexts::halves(Json const& document) {
    auto const text = dump(document);
    auto const mark = dump(Json(place));
    auto const at = text.find(mark);
    return {text.substr(0, at), text.substr(at + mark.size())};
}

std::string OpenApiTexts::text(bool as_31, std::string_view origin) const {
    std::call_once(m_once, [this] {
        auto document = *m_document;
        document["servers"][0]["url"] = place;
        m_halves = {halves(document), halves(as_openapi_31(std::move(document)))};
    });
    auto const& [before, after] = m_halves[as_31 ? 1 : 0];
    return before + dump(Json(origin)) + after;
}

} // namespace diaban::services::api
