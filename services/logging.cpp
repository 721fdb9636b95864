#include "services/logging.hpp"

#include "services/http/request_mark.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>

#include <chrono>
#include <ctime>
#include <iterator>
#include <string>

namespace diaban::services {

namespace {

/// `%*`: the request in brackets, and a space behind it.
class RequestFlag : public spdlog::custom_flag_formatter {
public:
    void format(spdlog::details::log_msg const&, std::tm const&,
                spdlog::memory_buf_t& line) override {
        auto const request = http::current_request();
        if (!request.empty()) fmt::format_to(std::back_inserter(line), "[{}] ", request);
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<RequestFlag>();
    }
};

class JsonFormatter : public spdlog::formatter {
public:
    void format(spdlog::details::log_msg const& message, spdlog::memory_buf_t& line) override {
        using namespace std::chrono;
        auto const level = spdlog::level::to_string_view(message.level);
        auto const millis = duration_cast<milliseconds>(message.time.time_since_epoch()).count();
        nlohmann::ordered_json object{
            {"time",
             fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                         fmt::gmtime(static_cast<std::time_t>(millis / 1000)), millis % 1000)},
            {"level", std::string{level.data(), level.size()}},
            {"message", std::string{message.payload.data(), message.payload.size()}}};
        if (auto const request = http::current_request(); !request.empty())
            object["request"] = request;
        object["thread"] = message.thread_id;
        auto const text =
            object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
        line.append(text.data(), text.data() + text.size());
        line.push_back('\n');
    }
    [[nodiscard]] std::unique_ptr<formatter> clone() const override {
        return std::make_unique<JsonFormatter>();
    }
};

} // namespace

std::unique_ptr<spdlog::formatter> log_formatter(std::string_view format) {
    if (format == "json") return std::make_unique<JsonFormatter>();
    auto text = std::make_unique<spdlog::pattern_formatter>();
    text->add_flag<RequestFlag>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %*%v");
    return text;
}

} // namespace diaban::services
