#pragma once

#include "services/print/document.hpp"
#include "services/print/situation_map.hpp"

#include <array>
#include <optional>
#include <string>

namespace diaban::services::print {

/// What stands around a document on paper.
struct Letterhead {
    std::string issuer;               ///< in capitals, to the left
    std::array<std::string, 2> motto; ///< of the state, to the right
    std::string foot;                 ///< of each page, to the left
    std::string page_word;            ///< in front of 1/3
};

/// The document as a PDF of pages A4: vectors and text that can be searched. Heads of tables stand
/// on each page that they reach; the map has a page of its own, at the end.
/// Throws   Error{internal} if cairo cannot write.
[[nodiscard]] std::string document_pdf(Document const& document, Letterhead const& letterhead,
                                       std::optional<SituationMap> const& map);

} // namespace diaban::services::print
