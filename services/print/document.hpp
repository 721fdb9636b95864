#pragma once

#include <string>
#include <variant>
#include <vector>

namespace diaban::services::print {

/// Plain words; nothing in them is markup.
struct Run {
    std::string text;
    bool strong = false;
};

struct Heading {
    std::string text;
};
struct Paragraph {
    std::vector<Run> runs;
};
/// Small print: where figures come from.
struct Note {
    std::string text;
};
/// Every row has as many cells as the head. What is all digits stands to the right.
struct Table {
    std::vector<std::string> head;
    std::vector<std::vector<Run>> rows;
};

/// What a paper says, in order; how it looks is a rendering's affair.
struct Document {
    std::string title;
    std::vector<std::variant<Heading, Paragraph, Note, Table>> blocks;
};

} // namespace diaban::services::print
