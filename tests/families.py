"""Tiny random encoders of each family, saved as a folder that ``DOCTALLY_BACKBONE`` can name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ModernBertConfig,
    ModernBertModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
    XLMRobertaConfig,
    XLMRobertaModel,
)

TEXTS = (
    "invoice number 4711 of 2026-03-01, total 119.00 EUR",
    "order date 01.02.2026 receipt for goods, net 100,00 tax 19,00",
    "delivered to the door; in transit to the depot by air",
)
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
SIZES = {"hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4}


def _named(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
    )


def word_pieces() -> PreTrainedTokenizerFast:
    """Return a lower-casing WordPiece tokenizer (BERT, DistilBERT)."""
    made = Tokenizer(models.WordPiece(unk_token="<unk>"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.train_from_iterator(
        TEXTS, trainers.WordPieceTrainer(vocab_size=200, special_tokens=SPECIAL)
    )
    return _named(made)


def byte_pairs() -> PreTrainedTokenizerFast:
    """Return a byte-level BPE that tells words with a space before them apart (RoBERTa)."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), add_prefix_space=False
    )
    made.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=SPECIAL,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        ),
    )
    return _named(made)


def unigrams() -> PreTrainedTokenizerFast:
    """Return a SentencePiece-like tokenizer, ▁ before each word (XLM-R)."""
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    made.train_from_iterator(
        TEXTS,
        trainers.UnigramTrainer(vocab_size=90, special_tokens=SPECIAL, unk_token="<unk>"),
    )
    return _named(made)


def _bert(words: int) -> Any:
    return BertModel(BertConfig(vocab_size=words, intermediate_size=96, **SIZES))


def _roberta(words: int) -> Any:
    sizes = {"vocab_size": words, "intermediate_size": 96, "max_position_embeddings": 514}
    return RobertaModel(RobertaConfig(pad_token_id=1, type_vocab_size=1, **sizes, **SIZES))


def _xlmr(words: int) -> Any:
    sizes = {"vocab_size": words, "intermediate_size": 96, "max_position_embeddings": 514}
    return XLMRobertaModel(XLMRobertaConfig(pad_token_id=1, type_vocab_size=1, **sizes, **SIZES))


def _distilbert(words: int) -> Any:
    return DistilBertModel(
        DistilBertConfig(vocab_size=words, dim=48, n_layers=3, n_heads=4, hidden_dim=96)
    )


def _modernbert(words: int) -> Any:
    ids = {f"{name}_token_id": i for name, i in
           (("bos", 0), ("cls", 0), ("pad", 1), ("eos", 2), ("sep", 2))}  # fmt: skip
    return ModernBertModel(
        ModernBertConfig(
            vocab_size=words,
            intermediate_size=96,
            local_attention=8,
            global_attn_every_n_layers=3,
            **ids,
            **SIZES,
        )
    )


FAMILIES: dict[str, tuple[Callable[[int], Any], Callable[[], PreTrainedTokenizerFast]]] = {
    "bert": (_bert, word_pieces),
    "roberta": (_roberta, byte_pairs),
    "xlm-roberta": (_xlmr, unigrams),
    "distilbert": (_distilbert, word_pieces),
    "modernbert": (_modernbert, byte_pairs),
}


def saved(family: str, folder: Path, *, seed: int = 0) -> Path:
    """Return the folder of a tiny random encoder of a family with its tokenizer."""
    build, tokenizer = FAMILIES[family]
    chosen = tokenizer()
    torch.manual_seed(seed)
    model = build(len(chosen))
    target = folder / f"{family}-{seed}"
    model.save_pretrained(target)
    chosen.save_pretrained(target)
    return target
