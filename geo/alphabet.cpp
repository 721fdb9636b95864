#include "geo/alphabet.hpp"

#include "geo/error.hpp"

#include <unicode/ucol.h>

#include <cstdint>
#include <memory>

namespace diaban::geo {

namespace {

struct CloseCollator {
    void operator()(UCollator* collator) const noexcept { ucol_close(collator); }
};

/// This thread's collator: asking one changes nothing, but opening one reads tables.
UCollator const* vietnamese() {
    thread_local std::unique_ptr<UCollator, CloseCollator> const collator = [] {
        UErrorCode fault = U_ZERO_ERROR;
        return std::unique_ptr<UCollator, CloseCollator>{ucol_open("vi", &fault)};
    }();
    if (!collator) throw Error{Code::internal, "internal", {}, "no collator for vi"};
    return collator.get();
}

} // namespace

int compare_texts(std::string_view a, std::string_view b) {
    UErrorCode fault = U_ZERO_ERROR;
    auto const result =
        ucol_strcollUTF8(vietnamese(), a.data(), static_cast<std::int32_t>(a.size()), b.data(),
                         static_cast<std::int32_t>(b.size()), &fault);
    if (result != UCOL_EQUAL) return result == UCOL_LESS ? -1 : 1;
    return a < b ? -1 : b < a ? 1 : 0;
}

} // namespace diaban::geo
