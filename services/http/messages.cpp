#include "services/http/messages.hpp"

#include "services/http/access_sentences.hpp"
#include "services/http/archive_sentences.hpp"
#include "services/http/city_sentences.hpp"
#include "services/http/edit_sentences.hpp"
#include "services/http/filter_sentences.hpp"
#include "services/http/ground_sentences.hpp"
#include "services/http/job_sentences.hpp"
#include "services/http/land_sentences.hpp"
#include "services/http/map_sentences.hpp"
#include "services/http/record_sentences.hpp"
#include "services/http/request_mark.hpp"
#include "services/http/sentences.hpp"
#include "services/http/storm_sentences.hpp"
#include "services/http/wall_sentences.hpp"
#include "services/http/watch_sentences.hpp"
#include "services/http/work_sentences.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace diaban::services::http {

namespace {

/// All sentences, sorted by type.
constexpr auto catalogue = [] {
    std::array<
        Sentence,
        std::size(request_sentences) + std::size(record_sentences) + std::size(filter_sentences) +
            std::size(edit_sentences) + std::size(ground_sentences) + std::size(access_sentences) +
            std::size(job_sentences) + std::size(land_sentences) + std::size(city_sentences) +
            std::size(work_sentences) + std::size(storm_sentences) + std::size(watch_sentences) +
            std::size(wall_sentences) + std::size(map_sentences) + std::size(archive_sentences)>
        all{};
    auto end = std::ranges::copy(request_sentences, all.begin()).out;
    end = std::ranges::copy(record_sentences, end).out;
    end = std::ranges::copy(filter_sentences, end).out;
    end = std::ranges::copy(edit_sentences, end).out;
    end = std::ranges::copy(ground_sentences, end).out;
    end = std::ranges::copy(access_sentences, end).out;
    end = std::ranges::copy(job_sentences, end).out;
    end = std::ranges::copy(land_sentences, end).out;
    end = std::ranges::copy(city_sentences, end).out;
    end = std::ranges::copy(work_sentences, end).out;
    end = std::ranges::copy(storm_sentences, end).out;
    end = std::ranges::copy(watch_sentences, end).out;
    end = std::ranges::copy(wall_sentences, end).out;
    end = std::ranges::copy(map_sentences, end).out;
    std::ranges::copy(archive_sentences, end);
    std::ranges::sort(all, {}, &Sentence::type);
    return all;
}();
static_assert(std::ranges::adjacent_find(catalogue, {}, &Sentence::type) == catalogue.end());

} // namespace

std::optional<Language> language_named(std::string_view name) noexcept {
    auto const primary = name.substr(0, name.find('-'));
    if (equal_without_case(primary, "vi")) return Language::vi;
    if (equal_without_case(primary, "en")) return Language::en;
    return std::nullopt;
}

std::span<Sentence const> sentences() noexcept {
    return catalogue;
}

Sentence const& sentence_of(std::string_view type) noexcept {
    auto const* it = std::ranges::lower_bound(catalogue, type, {}, &Sentence::type);
    if (it == catalogue.end() || it->type != type)
        it = std::ranges::lower_bound(catalogue, "internal", {}, &Sentence::type);
    return *it;
}

std::string fill(std::string_view pattern, geo::Error::Parameters const& parameters) {
    std::string result;
    while (!pattern.empty()) {
        auto const open = pattern.find('{');
        auto const close = pattern.find('}', open);
        result += pattern.substr(0, open);
        if (open == std::string_view::npos || close == std::string_view::npos) break;
        auto const name = pattern.substr(open + 1, close - open - 1);
        for (auto const& [key, value] : parameters)
            if (key == name) result += value;
        pattern.remove_prefix(close + 1);
    }
    return result;
}

Response problem(geo::Error const& error, int status, Language language, std::string_view instance,
                 std::span<PartProblem const> parts) {
    auto const& sentence = sentence_of(error.type());
    bool const english = language == Language::en;
    nlohmann::ordered_json body;
    body["type"] = "urn:diaban:problem:" + std::string{sentence.type};
    body["title"] = english ? sentence.title_en : sentence.title_vi;
    body["status"] = status;
    body["detail"] = fill(english ? sentence.detail_en : sentence.detail_vi, error.parameters());
    body["instance"] = instance;
    if (auto const request = current_request(); !request.empty()) body["request"] = request;
    if (sentence.type == error.type())
        for (auto const& [name, value] : error.parameters()) body[name] = value;
    for (auto const& part : parts) {
        auto const& said = sentence_of(part.type);
        nlohmann::ordered_json entry{
            {"pointer", part.pointer},
            {"type", "urn:diaban:problem:" + std::string{said.type}},
            {"detail", fill(english ? said.detail_en : said.detail_vi, part.parameters)}};
        if (said.type == part.type)
            for (auto const& [name, value] : part.parameters) entry[name] = value;
        body["errors"].push_back(std::move(entry));
    }
    auto response =
        answer(status, "application/problem+json",
               body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    response.with("Content-Language", std::string{to_string(language)});
    response.with("Cache-Control", "no-store");
    if (status == 503 || status == 429) {
        auto const& parameters = error.parameters();
        auto const it = std::ranges::find(parameters, "retry_after",
                                          &geo::Error::Parameters::value_type::first);
        response.with("Retry-After", it == parameters.end() ? "1" : it->second);
    }
    return response;
}

} // namespace diaban::services::http
