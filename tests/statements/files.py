# ruff: noqa: E501  (files of others have long lines)
"""Small files of our own making, one of each format; money that moves is the same in most."""

from __future__ import annotations

ACCOUNT = "DE02120300000000202051"
MT940 = f"""\
:20:START
:25:{ACCOUNT}
:28C:7/1
:60F:C260114CNY1000,00
:61:2601150115CR250,50NTRFINV-2026-000000042//BANK-REF-1
:86:166?00TRANSFER?20EREF+OTHER?21SVWZ+Invoice 42?31DE99?32Alpha Ltd?33 & Co
:61:2601150116D50,NMSCNONREF//BANK-REF-2
:86:166?00FEE?20EREF+E-77
:61:2512310101RC0,50NTRFNONREF
:86:free text
:62F:C260116CNY1200,00
-
"""
CAMT = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Id>S1</Id><Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>CNY</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-14</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">1200.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-16</Dt></Dt></Bal>
<Ntry><Amt Ccy="CNY">250.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-15</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>INV-1</EndToEndId></Refs><Amt Ccy="CNY">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>Alpha</Nm></Pty></Dbtr></RltdPties></TxDtls>
<TxDtls><Refs><EndToEndId>INV-2</EndToEndId></Refs><Amt Ccy="CNY">150.00</Amt></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">50.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd><Sts>BOOK</Sts><BookgDt><Dt>2026-01-16</Dt></BookgDt><AddtlNtryInf>Fee</AddtlNtryInf></Ntry>
<Ntry><Amt Ccy="CNY">9.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>PDNG</Sts><BookgDt><Dt>2026-01-16</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""
OFX = f"""\
OFXHEADER:100
DATA:OFXSGML
VERSION:102

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>CNY
<BANKACCTFROM><BANKID>1<ACCTID>{ACCOUNT}<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260115<DTEND>20260116
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260115120000<TRNAMT>250.50<FITID>F1<NAME>Alpha &amp; Co<MEMO>Invoice
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260116<TRNAMT>-50,50<FITID>F2<CHECKNUM>100
</BANKTRANLIST>
<LEDGERBAL><BALAMT>1200.00<DTASOF>20260116</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
CSV = """\
账户明细,,,,,
交易日期,收入,支出,余额,对方户名,摘要
2026-01-15,"1,250.50",,"2,250.50",甲公司,货款
2026-01-16,,50.50,"2,200.00",银行,手续费
合计,"1,250.50",50.50,,,
"""
WECHAT = """\
交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易类型,交易状态,货币种类,应结订单金额,微信退款单号,商户退款单号,退款金额,商品名称,手续费
`2026-01-15 10:00:00,`wx1,`15000,`4200001,`SO-1,`JSAPI,`SUCCESS,`CNY,`100.00,`0,`0,`0.00,`书,`0.60
`2026-01-15 11:00:00,`wx1,`15000,`4200002,`SO-2,`JSAPI,`REFUND,`CNY,`0.00,`5000001,`RF-2,`20.00,`笔,`-0.12
总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额
`2,`100.00,`20.00,`0.00,`0.48
"""
ALIPAY = """\
#支付宝业务明细查询
#账号：[20880001]
#-----业务明细列表开始-----
支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,对方账户,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）,备注
2026011522\t,SO-1\t,交易\t,书\t,2026-01-15 10:00:00,2026-01-15 10:00:05,李*(li@example.com)\t,100.00,100.00,,-0.60,
2026011523\t,SO-2\t,退款\t,笔\t,2026-01-15 11:00:00,2026-01-15 11:00:05,王*\t,-20.00,-20.00,R1,0.12,
#-----业务明细列表结束-----
#交易合计：1笔，商家实收共100.00元，商家优惠共0.00元
#退款合计：1笔，商家实收退款共-20.00元，商家优惠退款共0.00元
"""
PSP = """\
Created,Reference,Transaction ID,Type,Gross,Fee,Net,Currency,Payout ID
2026-01-15,SO-1,ch_1,charge,100.00,2.90,97.10,CNY,po_1
2026-01-15,SO-2,re_1,refund,-20.00,0.00,-20.00,CNY,po_1
"""
BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
