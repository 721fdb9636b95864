#include "services/access/fetch.hpp"

#include "geo/error.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

namespace diaban::services::access {

namespace {

/// A body on its way in.
struct Arriving {
    std::string& body;
    std::size_t most = 0;
};

std::size_t keep(char* bytes, std::size_t size, std::size_t count, void* into) {
    auto const& arriving = *static_cast<Arriving*>(into);
    if (arriving.body.size() + size * count > arriving.most) return 0; // ends the transfer
    arriving.body.append(bytes, size * count);
    return size * count;
}

/// `Image/JPEG; q=1` as `image/jpeg`.
std::string media_type_in(char const* field) {
    if (field == nullptr) return {};
    std::string type{field};
    type.resize(std::min(type.find_first_of("; "), type.size()));
    std::ranges::transform(type, type.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return type;
}

std::string host_of(std::string_view url) {
    auto const begin = url.find("//");
    if (begin == std::string_view::npos) return std::string{url.substr(0, 64)};
    auto const host = url.substr(begin + 2);
    return std::string{host.substr(0, host.find('/'))};
}

struct CurlEnd {
    void operator()(CURL* curl) const noexcept { curl_easy_cleanup(curl); }
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

using Lines = std::unique_ptr<curl_slist, CurlEnd>;

void add_line(Lines& lines, std::string const& line) {
    if (auto* const longer = curl_slist_append(lines.get(), line.c_str())) {
        static_cast<void>(lines.release());
        lines.reset(longer);
    }
}

} // namespace

Fetched fetch(Fetch const& wanted) {
    static auto const begun = curl_global_init(CURL_GLOBAL_DEFAULT);
    std::unique_ptr<CURL, CurlEnd> const curl{begun == CURLE_OK ? curl_easy_init() : nullptr};
    geo::Error const unreachable{
        geo::Code::unavailable, "provider-unreachable", {{"value", host_of(wanted.url)}}};
    if (!curl) throw unreachable;
    Fetched fetched;
    Arriving arriving{fetched.body, wanted.most_bytes};
    auto* const handle = curl.get();
    curl_easy_setopt(handle, CURLOPT_URL, wanted.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, 2000L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 5000L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &arriving);
    auto const& sent = wanted.document ? wanted.document : wanted.form;
    if (sent) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(sent->size()));
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, sent->c_str());
    }
    Lines lines;
    if (wanted.document) add_line(lines, "Content-Type: application/json");
    for (auto const& field : wanted.fields) add_line(lines, field);
    if (lines) curl_easy_setopt(handle, CURLOPT_HTTPHEADER, lines.get());
    if (!wanted.user.empty()) {
        curl_easy_setopt(handle, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(handle, CURLOPT_USERNAME, wanted.user.c_str());
        curl_easy_setopt(handle, CURLOPT_PASSWORD, wanted.password.c_str());
    }
    if (auto const fault = curl_easy_perform(handle); fault != CURLE_OK)
        throw geo::Error{geo::Code::unavailable,
                         "provider-unreachable",
                         {{"value", host_of(wanted.url)}},
                         curl_easy_strerror(fault)};
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &fetched.status);
    char const* type = nullptr;
    curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &type);
    fetched.media_type = media_type_in(type);
    return fetched;
}

} // namespace diaban::services::access
