#pragma once

#include "services/print/document.hpp"

#include <string>

namespace diaban::services::print {

/// The document as Markdown: CommonMark with tables.
[[nodiscard]] std::string document_markdown(Document const& document);

} // namespace diaban::services::print
