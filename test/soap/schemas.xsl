<?xml version="1.0" encoding="UTF-8"?>
<!--
  The schemas inside a WSDL, one file each (0.xsd, 1.xsd, ...), with the prefixes they inherit from the WSDL. Names of files are
  resolved against `base`, the WSDL's folder. For RPC/literal, whose wrappers no schema declares, one schema a message more: the element of
  the operation's name, its parts in no namespace, in the order of the message. Printed: one line a file, its name and its namespace.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:exsl="http://exslt.org/common" exclude-result-prefixes="w" extension-element-prefixes="exsl">
  <xsl:output method="text"/>
  <xsl:param name="base"/>

  <xsl:template match="/">
    <xsl:for-each select="/*/*[local-name() = 'types']/xs:schema">
      <xsl:value-of select="concat(position() - 1, '.xsd ', @targetNamespace, '&#10;')"/>
      <exsl:document href="{position() - 1}.xsd" method="xml"><xsl:apply-templates select="." mode="copy"/></exsl:document>
    </xsl:for-each>
    <xsl:for-each select="/w:definitions/w:binding[*[local-name() = 'binding' and @style = 'rpc']]/w:operation/*/*[local-name() = 'body' and @use = 'literal']">
      <xsl:value-of select="concat('rpc-', position(), '.xsd ', @namespace, '&#10;')"/>
      <exsl:document href="rpc-{position()}.xsd" method="xml"><xsl:apply-templates select="." mode="rpc"/></exsl:document>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="*" mode="rpc">
    <xsl:variable name="direction" select="local-name(..)"/>
    <xsl:variable name="operation" select="../../@name"/>
    <xsl:variable name="namespace" select="@namespace"/>
    <xsl:variable name="portType" select="substring-after(concat(':', ../../../@type), ':')"/>
    <xsl:variable name="named" select="/w:definitions/w:portType[@name = $portType or @name = substring-after($portType, ':')]
        /w:operation[@name = $operation]/*[local-name() = $direction]/@message"/>
    <xs:schema targetNamespace="{@namespace}">
      <xsl:for-each select="/*/w:types/xs:schema[@targetNamespace != $namespace]"><xs:import namespace="{@targetNamespace}"/></xsl:for-each>
      <xs:element name="{concat($operation, substring('Response', 1, 8 * ($direction = 'output')))}">
        <xs:complexType>
          <xs:sequence>
            <xsl:for-each select="/w:definitions/w:message[@name = $named or @name = substring-after($named, ':')]/w:part">
              <xs:element name="{@name}"><xsl:copy-of select="namespace::*"/><xsl:copy-of select="@type"/></xs:element>
            </xsl:for-each>
          </xs:sequence>
        </xs:complexType>
      </xs:element>
    </xs:schema>
  </xsl:template>

  <xsl:template match="@*|node()" mode="copy">
    <xsl:copy>
      <xsl:copy-of select="namespace::*"/>
      <xsl:apply-templates select="@*|node()" mode="copy"/>
    </xsl:copy>
  </xsl:template>
  <xsl:template match="@schemaLocation" mode="copy">
    <xsl:attribute name="schemaLocation"><xsl:value-of select="concat($base, .)"/></xsl:attribute>
  </xsl:template>
</xsl:stylesheet>
