#pragma once

#include "services/http/messages.hpp"

namespace diaban::services::http {

/// What is said of jobs and their files.
inline constexpr Sentence job_sentences[] = {
    {"job-abandoned", "Công việc bị bỏ dở", "Job abandoned",
     "Công việc đã được thử {value} lần và lần nào cũng dừng giữa chừng vì máy chủ ngừng chạy.",
     "The job was tried {value} times, and each time the server stopped under it."},
    {"job-died", "Công việc dừng đột ngột", "Job died",
     "Tiến trình của công việc dừng đột ngột: {value}.", "The job's process ended: {value}."},
    {"job-memory", "Công việc hết bộ nhớ", "Job out of memory",
     "Công việc cần nhiều bộ nhớ hơn mức cho phép. Hãy chia nhỏ yêu cầu.",
     "The job needs more memory than it may have. Ask in parts."},
    {"job-cannot-rest", "Không tạm dừng được", "It cannot be paused",
     "Quy trình “{value}” không tạm dừng được. Tạm dừng được: {accepted}.",
     "The process “{value}” cannot be paused. Those that can: {accepted}."},
    {"no-job", "Không có công việc này", "No such job", "Không có công việc “{value}”.",
     "There is no job “{value}”."},
    {"no-output", "Không có kết quả này", "No such output",
     "Công việc không có kết quả “{value}”. Có: {accepted}.",
     "The job has no output “{value}”. There are: {accepted}."},
    {"no-process", "Không khởi động được công việc", "The job cannot be started",
     "Máy chủ không khởi động được tiến trình cho công việc.",
     "The server cannot start a process for the job."},
    {"range-beyond-end", "Ngoài phạm vi tệp", "Range beyond the end",
     "Đoạn “{value}” bắt đầu sau chỗ kết thúc của tệp, dài {accepted} byte.",
     "The range “{value}” begins behind the end of the file, which has {accepted} bytes."},
    {"result-elsewhere", "Tệp kết quả ở máy chủ khác", "The file is elsewhere",
     "Tệp kết quả của công việc không nằm trên máy chủ này.",
     "The file of the job does not lie on this node."},
    {"results-not-ready", "Chưa có kết quả", "No results yet",
     "Công việc đang ở trạng thái {value}; kết quả chưa có.",
     "The job is {value}; there are no results yet."},
    {"too-many-jobs", "Quá nhiều công việc", "Too many jobs",
     "Đã có {accepted} công việc đang chờ hoặc đang chạy. Hãy đợi hoặc hủy bớt.",
     "{accepted} jobs wait or run already. Wait, or dismiss some."},
    {"unknown-process", "Không có quy trình này", "No such process",
     "Không có quy trình “{value}”. Có: {accepted}.",
     "There is no process “{value}”. There are: {accepted}."},
};

} // namespace diaban::services::http
