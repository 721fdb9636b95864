#pragma once

#include <string>
#include <string_view>

namespace diaban::geo::filter {

/// CASEI: full case folding of Unicode 15 (CaseFolding.txt, statuses C and F). Never the Turkic
/// one.
///
/// "Straße" and "STRASSE" give the same; accents stay. `into` is overwritten.
void fold_case(std::string_view text, std::string& into);

/// ACCENTI: canonical decomposition without its nonspacing marks, as the standard's guidance has
/// it; the Japanese voicing marks U+3099 and U+309A stay.
///
/// Beyond it  letters whose stroke Unicode does not decompose lose it: đ is d, as a Vietnamese
///            reader expects, and likewise ħ ł ø ŧ ƀ ɨ ƶ. Case stays.
/// `into` is overwritten.
void fold_accents(std::string_view text, std::string& into);

/// Canonical composition (NFC), which is how the record holds its texts. `into` is overwritten.
void compose(std::string_view text, std::string& into);

/// `text` in lower and upper case by Unicode's default mappings. `into` is overwritten.
void lower_case(std::string_view text, std::string& into);
void upper_case(std::string_view text, std::string& into);

} // namespace diaban::geo::filter
