"""Jobs: each is done once, whoever dies."""

from __future__ import annotations

import os
import signal
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from minyi.errors import ConflictError, InputError, MissingError, StoreError
from minyi.store import Store
from minyi.store.liveness import is_dead, worker_name
from minyi.store.records import CANCELLED, DONE, FAILED, RUNNING, WAITING, Job
from minyi.store.tables import jobs, now
from small_store import start

WORKER = worker_name()


@pytest.fixture
def upload(store: Store) -> Path:
    path = store.uploads / "a.xlsx"
    path.write_bytes(b"rows")
    return path


def add(store: Store, upload: Path, **more: object) -> Job:
    return store.jobs.add("classify", "三月.xlsx", upload, {"header": "zh"}, **more)  # type: ignore[arg-type]


def test_a_job_goes_from_waiting_to_done(store: Store, upload: Path) -> None:
    job = add(store, upload)
    assert (job.state, job.filename, job.options) == (WAITING, "三月.xlsx", {"header": "zh"})
    assert job.upload.read_bytes() == b"rows"
    claimed = store.jobs.claim(WORKER)
    assert claimed
    assert (claimed.id, claimed.state, claimed.attempts) == (job.id, RUNNING, 1)
    assert store.jobs.progress(job.id, 10, 100)
    assert store.jobs.beat(job.id, WORKER)
    now_is = store.jobs.get(job.id)
    assert (now_is.done, now_is.total, now_is.is_over) == (10, 100, False)
    done = store.jobs.finish(job.id, store.outputs / "a.xlsx", {"rows": 100}, WORKER)
    assert (done.state, done.counts, done.is_over) == (DONE, {"rows": 100}, True)
    assert done.result == store.outputs / "a.xlsx"
    assert done.finished
    assert done.started
    assert done.created <= done.started <= done.finished
    assert store.jobs.claim(WORKER) is None


def test_the_oldest_is_taken_first(store: Store, upload: Path) -> None:
    added = [add(store, upload).id for _ in range(3)]
    taken = [job.id for job in iter(lambda: store.jobs.claim(WORKER), None)]
    assert taken == added
    assert (store.jobs.count(WAITING), store.jobs.count(WAITING, RUNNING)) == (0, 3)
    page = store.jobs.list(limit=2)
    assert ([job.id for job in page.items], page.total) == (added[:0:-1], 3)


def test_two_processes_never_get_the_same_job(url: str | Path, store: Store, upload: Path) -> None:
    added = {add(store, upload).id for _ in range(100)}
    program = (
        "import sys; from minyi.store import Store; store = Store.open(sys.argv[1]); "
        "print('ready', flush=True); input(); "
        "[print(job.id) for job in iter(lambda: store.jobs.claim(store.jobs.worker_name()), None)]"
    )
    processes = [start(program, url) for _ in range(2)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline().strip() == "ready"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    taken = [name for process in processes for name in process.communicate(timeout=60)[0].split()]
    assert len(taken) == 100
    assert set(taken) == added


def test_the_same_request_gives_the_same_job(store: Store, upload: Path) -> None:
    key, _ = store.keys.add("平台")
    first = add(store, upload, key_id=key.id, idempotency_key="一")
    again = store.uploads / "b.xlsx"
    again.write_bytes(b"rows")
    second = add(store, again, key_id=key.id, idempotency_key="一")
    assert second == first
    assert second.upload != again  # so the caller knows that its copy is not needed
    assert add(store, upload, idempotency_key="一").id != first.id  # of another caller
    assert add(store, upload, key_id=key.id).id != add(store, upload, key_id=key.id).id
    assert store.jobs.list(key_id=key.id).total == 3


def test_the_same_key_for_another_content_is_refused(store: Store, upload: Path) -> None:
    add(store, upload, idempotency_key="一")
    upload.write_bytes(b"other rows")
    with pytest.raises(ConflictError, match="Idempotency-Key 已用于另一个文件或选项"):
        add(store, upload, idempotency_key="一")
    upload.write_bytes(b"rows")
    with pytest.raises(ConflictError, match="请换一个新的值"):
        store.jobs.add("classify", "三月.xlsx", upload, {"header": "en"}, idempotency_key="一")
    assert store.jobs.list().total == 1


def test_an_upload_that_is_not_there_is_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"无法读取上传的文件.*请重新上传"):
        add(store, tmp_path / "gone.xlsx")


def test_a_key_that_is_not_there_is_no_duplicate(store: Store, upload: Path) -> None:
    with pytest.raises(StoreError, match="出错"):
        add(store, upload, key_id=99)


def test_a_cancelled_job_is_not_begun(store: Store, upload: Path) -> None:
    job = add(store, upload)
    assert store.jobs.cancel(job.id).state == CANCELLED
    assert store.jobs.claim(WORKER) is None
    assert store.jobs.is_cancelled(job.id)


def test_a_running_job_hears_that_it_was_cancelled_and_its_result_is_void(
    store: Store, upload: Path
) -> None:
    job = add(store, upload)
    store.jobs.claim(WORKER)
    store.jobs.cancel(job.id)
    assert not store.jobs.progress(job.id, 1, 2)
    with pytest.raises(ConflictError, match=r"实际已取消.*这次的结果作废"):
        store.jobs.finish(job.id, None)
    with pytest.raises(ConflictError, match="实际已取消"):
        store.jobs.fail(job.id, "没有正文列")
    assert store.jobs.cancel(job.id).state == CANCELLED


def test_what_is_over_cannot_be_cancelled(store: Store, upload: Path) -> None:
    job = add(store, upload)
    store.jobs.claim(WORKER)
    store.jobs.fail(job.id, "没有正文列")
    after = store.jobs.cancel(job.id)
    assert (after.state, after.message) == (FAILED, "没有正文列")
    with pytest.raises(ConflictError, match="实际已失败"):
        store.jobs.finish(job.id, None)


def test_another_worker_cannot_end_it(store: Store, upload: Path) -> None:
    job = add(store, upload)
    store.jobs.claim(WORKER)
    with pytest.raises(ConflictError, match="已交给别的进程"):
        store.jobs.finish(job.id, None, worker="别处:1:2")
    assert not store.jobs.progress(job.id, 1, 2, worker="别处:1:2")
    assert store.jobs.get(job.id).state == RUNNING


def test_a_job_that_is_not_there_is_told(store: Store) -> None:
    for ask in (store.jobs.get, store.jobs.cancel, store.jobs.is_cancelled):
        with pytest.raises(MissingError, match="没有这个编号的任务"):
            ask("x")


def test_a_living_worker_keeps_its_job(store: Store, upload: Path) -> None:
    add(store, upload)
    store.jobs.claim(WORKER)
    assert store.jobs.recover() == 0


CLAIM = (
    "import sys; from minyi.store import Store; store = Store.open(sys.argv[1]); "
    "print(store.jobs.claim(store.jobs.worker_name()).id, flush=True); input()"
)


def claim_and_die(url: str | Path) -> str:
    process = start(CLAIM, url)
    assert process.stdout
    claimed = process.stdout.readline().strip()
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    return claimed


def test_the_job_of_a_killed_process_is_done_again_and_given_up_after_three(
    url: str | Path, store: Store, upload: Path
) -> None:
    job = add(store, upload)
    for attempt in (1, 2, 3):
        assert claim_and_die(url) == job.id
        assert store.jobs.get(job.id).state == RUNNING
        assert store.jobs.recover() == 1
        assert store.jobs.get(job.id).attempts == attempt
    given_up = store.jobs.get(job.id)
    assert given_up.state == FAILED
    assert "处理时程序中断了 3 次，不再重试" in given_up.message
    assert store.jobs.recover() == 0


def test_a_worker_that_stops_in_good_order_hands_its_jobs_back(store: Store, upload: Path) -> None:
    job = add(store, upload)
    for _ in range(5):
        store.jobs.claim(WORKER)
        assert store.jobs.release(WORKER) == 1
    after = store.jobs.get(job.id)
    assert (after.state, after.attempts) == (WAITING, 0)


@pytest.mark.parametrize("worker", ["别处:1:2", "worker-1", "", WORKER])
def test_a_worker_that_is_silent_for_two_minutes_counts_as_dead(
    store: Store, upload: Path, worker: str
) -> None:
    job = add(store, upload)
    store.jobs.claim(worker)
    assert store.jobs.recover() == 0
    with store._database.writing() as connection:
        connection.execute(sa.update(jobs).values(beat=now() - timedelta(seconds=121)))
    assert store.jobs.recover() == 1
    assert store.jobs.get(job.id).state == WAITING


def test_a_number_that_another_process_has_now_does_not_deceive() -> None:
    host, process, began = WORKER.rsplit(":", 2)
    assert began or not Path("/proc").exists()
    assert not is_dead(WORKER, silent=False)
    if began:
        assert is_dead(f"{host}:{process}:1", silent=False)
    child = subprocess.Popen(["true"])
    child.wait()
    assert is_dead(f"{host}:{child.pid}:5", silent=False)
    assert os.getpid() == int(process)


def test_the_folder_may_be_moved(tmp_path: Path) -> None:
    old, new = tmp_path / "旧", tmp_path / "新"
    with Store.open(old / "minyi.db") as store:
        upload = store.uploads / "a.xlsx"
        upload.write_bytes(b"rows")
        job = add(store, upload)
        model = store.models.add("一版", store.model_folders / "一版")
    old.rename(new)
    with Store.open(new / "minyi.db") as store:
        assert store.jobs.get(job.id).upload.read_bytes() == b"rows"
        assert store.models.get(model.id).folder == new / "models" / "一版"
