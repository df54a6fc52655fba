"""What the card says around its figures: Markdown, with a name for each figure."""

CARD = """\
# 自带模型 {name}

*本页由 `make model` 算出，请不要手改。[English below](#english)*

读一条群众意见的标题和正文，判断诉求类型、政策类别（三级）、主办部门、是否紧急，
各给一个得分。它是词和字的线性分类器；装了可选的句向量时，短文本另外参考句向量，
下面的数字含这一项。文件格式见 `models/README.md`。

- 语料：{date} 的 `{corpus}`，{n} 条，SHA-256 `{sha256}`
- 训练时的版本：{versions}

## 数据

只用 `{corpus}`。全部是为本项目写的：由语言模型照着覆盖计划撰写，没有真实来信，人名地名是虚构的。
领域、类型、紧急的比例是撰写时定的，不代表任何单位，不能从中读出频率或趋势。

共 {n} 条、{characters} 字。紧急的 {urgent} 条；说了两件事的（另有一个一级不同的类别）{two} 条；
不属于任何类别的（寒暄、广告、无意义的字）{nowhere} 条，没有诉求类型和部门。

{areas}

{sources}

{lengths}

## 在留出的四分之一语料上

用其余四分之三训练的模型，判断没有见过的四分之一，走的是与使用时相同的全过程；
发布的模型再用全部语料训练。与标签一致，或另一位读者认为可以接受的，都算对。
类别算在它停下的那一级上：拿不准的只答到一级或二级，这一级对就算对。
阈值也取自这四分之一，撰写者又是同一批，所以这些数字偏乐观；真实来信更难。

{held_out}

“要人看”：要使其余的有这么大比例正确，得分低于阈值、列入待复核的有多少。要求写在单位配置的
`precision` 里，默认 {precision}；三项判断各自达到要求，一条意见只要一项没有把握就要人看。
答案细到得分不低于 {level} 的那一级。

紧急：得分不低于 {urgent_threshold} 就标为紧急，紧急的找出 {recall}，
不紧急的误标 {false_alarms}（留出 {urgent_held_out} 条）。**会漏，不能代替人看。**

{reliability}

## 弱在哪里

{weaknesses}
- 信箱来源的语料中位数 {letter} 字，真实来信往往更长；口语和错别字是写出来的，不是收集来的。
- 设计时看过它在真实留言上的成绩，那些成绩因此也偏乐观。本单位的意见请用 `minyi evaluate` 检验。

## 标签有多可信

标签由撰写者定、读过一遍，一部分由另一位读者读过，没有经过政务经办人员审定。
另一位读者不看标签，重标了随机抽出的 {n_read} 条：

{reading}

模型与标签不同的，由读者在不知道哪个是标签、哪个是模型所答的情况下逐一判断能否接受：
{n_disputed} 处不同，模型所答可以接受的 {guess_accepted} 处，标签可以接受的 {label_accepted} 处。

此后，交叉检验的模型不同意、两位读者也认为标错的 {n_corrected} 条改正了；上表是改正之前的数字。
标签本身就有这样的出入，模型的成绩要照此理解。

## 不得用于

- 给群众打分、排名、画像：得分说的是文字，不是人；
- 自动拒绝、搁置或办结：是否受理、怎样答复由人决定，判为“{nowhere_name}”的也要人看；
- 针对写信人：不得用来识别、追查、处罚或报复反映问题的人。

## 许可与重建

Apache-2.0，与所用语料相同。`make model` 用 `{corpus}` 重新训练，写出模型和本页。

## English

The starter reads a citizen's submission and decides kind, category (three levels), department and
urgency, each with a calibrated score. It is trained on the project's own corpus alone: {n}
submissions composed by language models under a plan for coverage; none is a real message.

On a held-out quarter of the corpus (right: as the label, or accepted by a blind reader; a category
counts on the level at which the model stopped):
{held_out_en}.
To review is what scores below the threshold, above which {precision} are right.
Of the urgent {recall} are found, with {false_alarms} false alarms. Thresholds come from the same
quarter and the texts from the same writers: all this is on the hopeful side, and real messages are
harder.

A second reader who did not see the labels agreed with them on {n_read} random rows in
{agreed}; {n_corrected} labels were corrected later.

**Not for** scoring, ranking or profiling citizens, refusing or closing a submission automatically,
or any use against the person who wrote. Apache-2.0. `make model` rebuilds the model and this page.
"""
